import AdminAPI
import Configuration
import EventLoop
import Primitives
import Scaling

/// What is shown of the autoscalers.
extension ControlPlane {
  func scaleStatus(of service: String) -> ScaleStatus? {
    guard let scaler = scalers[service] else { return nil }
    let now = Clock.now
    let order = scaler.machine.ordered(now: now)
    return ScaleStatus(
      min: scaler.settings.policy.minimum, max: scaler.settings.policy.maximum,
      desired: replicaSets[service]?.wantedCount ?? 0, saturated: scaler.isSaturated,
      ordered: order?.count,
      orderedUntil: order.map {
        WallTime(milliseconds: Clock.wallTime.milliseconds + ($0.until - now).milliseconds)
      },
      signals: scaler.votes.map {
        .init(
          signal: $0.signal.name, target: $0.target, measured: $0.measured, wanted: $0.replicas)
      },
      decisions: scaler.journal.entries.map(ScaleStatus.Decision.init))
  }

  var scaleSeries: [MetricsPage.Scale] {
    scalers.sorted { $0.key < $1.key }.map { service, scaler in
      MetricsPage.Scale(
        service: service, desired: replicaSets[service]?.wantedCount ?? 0,
        outcomes: scaler.outcomes)
    }
  }
}

extension ScaleStatus.Decision {
  init(_ entry: ScalingJournal.Entry) {
    let decision = entry.decision
    self.init(
      at: entry.at, until: entry.until, times: entry.times, from: decision.from, to: decision.to,
      direction: decision.direction.rawValue, reason: decision.reason.rawValue,
      message: decision.sentence)
  }
}
