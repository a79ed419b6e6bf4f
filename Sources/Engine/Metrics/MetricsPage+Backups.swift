import Primitives
import Telemetry

/// What `/metrics` shows of scheduled backups.
extension MetricsPage {
  struct BackupFigures: Sendable {
    /// The newest one's time; nil before the first.
    var lastSuccess: WallTime?
    /// Of the last one that this engine made.
    var seconds: Double?
    var bytes: Int64?
    /// By result, since this engine began.
    var counts: [String: UInt64]
  }

  func addBackups(to page: inout Exposition) {
    guard let backups else { return }
    for (result, count) in backups.counts.sorted(by: { $0.key < $1.key }) {
      page.counter(
        "ballast_backups_total", help: "Scheduled backups with their trial restore, by result.",
        labels: ["result": result], count: count)
    }
    page.gauge(
      "ballast_backup_last_success_timestamp_seconds",
      help: "When the newest scheduled backup was made, in seconds since 1970; 0 before the first.",
      value: Double(backups.lastSuccess?.milliseconds ?? 0) / 1000)
    page.gauge(
      "ballast_backup_last_duration_seconds",
      help: "How long the last scheduled backup took, its trial restore included.",
      value: backups.seconds ?? 0)
    page.gauge(
      "ballast_backup_last_size_bytes", help: "The size of the newest scheduled backup.",
      value: Double(backups.bytes ?? 0))
  }
}
