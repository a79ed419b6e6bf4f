import Telemetry

/// Writes pages of metrics, one after the other and away from the event loop, and remembers which
/// series they show.
actor MetricsWriter {
  private var admissions = SeriesAdmissions()

  func write(_ page: MetricsPage, _ format: ExpositionFormat, seriesLimit: Int) -> String {
    page.text(format, seriesLimit: seriesLimit, admissions: &admissions)
  }
}
