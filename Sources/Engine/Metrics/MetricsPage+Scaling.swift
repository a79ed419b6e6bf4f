import Scaling
import Telemetry

/// What `/metrics` shows of the autoscalers.
extension MetricsPage {
  struct Scale: Sendable {
    var service: String
    var desired: Int
    var outcomes: [ServiceScaler.Outcome: UInt64]
  }

  func addScaling(to page: inout Exposition) {
    for scale in scales {
      page.gauge(
        "ballast_scale_desired", help: "Replicas that the autoscaler wants.",
        labels: ["service": scale.service], value: Double(scale.desired))
    }
    for scale in scales {
      let outcomes = scale.outcomes.sorted {
        ($0.key.direction.rawValue, $0.key.reason.rawValue)
          < ($1.key.direction.rawValue, $1.key.reason.rawValue)
      }
      for (outcome, count) in outcomes {
        page.counter(
          "ballast_scale_decisions_total",
          help: "Looks of the autoscaler, by what came of them and why.",
          labels: [
            "service": scale.service, "direction": outcome.direction.rawValue,
            "reason": outcome.reason.rawValue,
          ], count: count)
      }
    }
  }
}
