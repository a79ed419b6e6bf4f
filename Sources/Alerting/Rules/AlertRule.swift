public import Primitives

/// When something is worth telling.
public struct AlertRule: Sendable, Equatable {
  public enum Condition: Sendable, Equatable {
    /// The share of failed requests within `window`; with fewer than `requests` nothing is known.
    case errorRate(above: Double, window: TimeSpan, requests: UInt64)
    /// More than 5 % of the requests within `window` took longer.
    case p95(above: TimeSpan, window: TimeSpan, requests: UInt64)
    case healthyServers(below: Int)
    /// The fullest of the service's limits, 0 … 1.
    case saturation(above: Double)
    /// Replicas that ended without being asked to.
    case restarts(above: UInt64, within: TimeSpan)
    /// A certificate in use ends within so long.
    case certificate(within: TimeSpan)
    /// An open fault of one of these types; any when empty.
    case fault(types: Set<String>)
    /// The error budget is spent `factor` times as fast as it may be, over both windows.
    case burn(Objective, factor: Double, long: TimeSpan, short: TimeSpan)
  }

  public var name: String
  public var condition: Condition
  /// Nil holds for every service.
  public var service: String?
  /// The condition must have held for so long.
  public var wait: TimeSpan
  /// It must have been over for so long before the alert is.
  public var keepFiring: TimeSpan
  public var severity: AlertSeverity
  /// Instead of the sentence that the condition makes.
  public var summary: String?

  public init(
    name: String, _ condition: Condition, service: String? = nil, wait: TimeSpan = .zero,
    keepFiring: TimeSpan = .zero, severity: AlertSeverity = .warning, summary: String? = nil
  ) {
    self.name = name
    self.condition = condition
    self.service = service
    self.wait = wait
    self.keepFiring = keepFiring
    self.severity = severity
    self.summary = summary
  }
}

/// What a service promises.
public struct Objective: Sendable, Hashable {
  public enum Indicator: Sendable, Hashable {
    /// Requests that do not fail.
    case availability
    /// Requests that take no longer.
    case latency(TimeSpan)
  }

  public var indicator: Indicator
  /// The share of good requests, under 1: 0.999.
  public var target: Double

  public init(_ indicator: Indicator, target: Double) {
    self.indicator = indicator
    self.target = min(max(target, 0), 0.999_999)
  }

  /// `availability 99.9 %`, `latency 300ms 95 %`: the value of the label `objective`.
  public var name: String {
    let share = RuleReading.percent(target)
    return switch indicator {
    case .availability: "availability \(share)"
    case .latency(let limit): "latency \(limit) \(share)"
    }
  }

  /// The share of bad requests that may be.
  public var budget: Double { 1 - target }
}
