import Alerting
import Configuration
import EventLoop
import Faults
import Primitives

/// What the control plane keeps for its alerts. For the loop's thread only.
final class AlertKeeping {
  /// Between two looks.
  static let interval = TimeSpan.seconds(2)

  var machine = AlertMachine()
  /// By name.
  var channels: [String: AlertSettings.Channel] = [:]
  /// The limits of time that rules and objectives compare with, by service; `nil` is every service.
  var limits: [(service: String?, limit: TimeSpan)] = []
  /// Sending blocks, so each message has a thread of its own while it is on its way.
  let calls: DaemonCalls
  /// Replicas that ended without being asked to, by service, since this engine began.
  private(set) var exits: [String: UInt64] = [:]

  /// What was told to the ledger of faults.
  var burns: Set<Burn> = []

  struct Burn: Hashable, Comparable {
    var service: String
    var objective: String

    static func < (left: Burn, right: Burn) -> Bool {
      (left.service, left.objective) < (right.service, right.objective)
    }
  }

  init(on reactor: Reactor) { calls = DaemonCalls(on: reactor) }

  func count(_ events: [EventRecord]) {
    for event in events where event.type == "replica-exited" && event.severity == .error {
      guard let service = event.service else { continue }
      exits[service, default: 0] &+= 1
    }
  }

  func limits(of service: String) -> [TimeSpan] {
    limits.filter { $0.service == nil || $0.service == service }.map(\.limit)
  }

  var series: MetricsPage.AlertSeries {
    var series = MetricsPage.AlertSeries()
    for severity in AlertSeverity.allCases { series.firing[severity.rawValue] = 0 }
    for alert in machine.alerts.values where alert.isFiring {
      series.firing[alert.severity.rawValue, default: 0] += 1
    }
    series.silences = machine.silences.count
    series.channels = machine.channels.sorted { $0.key < $1.key }.map {
      .init(
        name: $0.key, delivered: $0.value.delivered, failed: $0.value.failed,
        pending: $0.value.pending.count + $0.value.underway.count)
    }
    return series
  }
}

extension AlertPolicy {
  /// The limits of time that its rules compare with.
  var latencyLimits: [(service: String?, limit: TimeSpan)] {
    rules.compactMap { rule in
      switch rule.condition {
      case .p95(let limit, _, _): (rule.service, limit)
      case .burn(let objective, _, _, _):
        if case .latency(let limit) = objective.indicator { (rule.service, limit) } else { nil }
      default: nil
      }
    }
  }
}
