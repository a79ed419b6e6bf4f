import Telemetry

/// What `/metrics` shows of alerts and their channels.
extension MetricsPage {
  struct AlertSeries: Sendable {
    struct Channel: Sendable {
      var name: String
      var delivered: UInt64
      var failed: UInt64
      var pending: Int
    }

    /// Alerts that fire, by severity.
    var firing: [String: Int] = [:]
    var silences = 0
    var channels: [Channel] = []
  }

  func addAlerts(to page: inout Exposition) {
    for (severity, count) in alerts.firing.sorted(by: { $0.key < $1.key }) {
      page.gauge(
        "ballast_alerts_firing", help: "Alerts that fire, by severity.",
        labels: ["severity": severity], value: Double(count))
    }
    page.gauge(
      "ballast_alert_silences", help: "Silences that people set and that have not ended.",
      value: Double(alerts.silences))
    for channel in alerts.channels {
      for (result, count) in [("delivered", channel.delivered), ("failed", channel.failed)] {
        page.counter(
          "ballast_alert_deliveries_total",
          help: "Messages to channels of alerts, by result; a repetition counts again.",
          labels: ["channel": channel.name, "result": result], count: count)
      }
    }
    for channel in alerts.channels {
      page.gauge(
        "ballast_alert_channel_pending",
        help: "Groups of alerts that wait to be told to a channel.",
        labels: ["channel": channel.name], value: Double(channel.pending))
    }
  }
}
