/// `metrics: { series }`.
public struct MetricsSettings: Sendable, Equatable {
  /// Lines that one metric may have on a page.
  public var series: Int

  public init(series: Int = 50_000) { self.series = series }
}
