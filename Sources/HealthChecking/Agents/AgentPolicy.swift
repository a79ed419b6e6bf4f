public import Primitives

/// How an agent is asked, and what its silence means.
public struct AgentPolicy: Sendable, Equatable {
  /// From the beginning of one question to the beginning of the next, within `HealthPolicy.jitter`.
  public var interval: TimeSpan
  public var timeout: TimeSpan
  /// Failed questions in a row before the first answer that make a server unhealthy that nothing
  /// else checks; at least 1.
  public var fall: Int
  /// Nothing but the agent tells of the server's health.
  public var isAlone: Bool

  public init(
    interval: TimeSpan = .seconds(2), timeout: TimeSpan = .seconds(1), fall: Int = 3,
    isAlone: Bool = false
  ) {
    self.interval = max(interval, HealthPolicy.shortestInterval)
    self.timeout = max(timeout, HealthPolicy.shortestInterval)
    self.fall = max(1, fall)
    self.isAlone = isAlone
  }

  /// One question may go unanswered, and be asked again twice, without a doubt.
  var detector: PhiAccrualDetector {
    let fast = fastInterval
    return PhiAccrualDetector(
      estimate: interval, minimumDeviation: max(.milliseconds(10), interval.scaled(by: 0.1)),
      acceptablePause: timeout + fast + fast)
  }

  var fastInterval: TimeSpan { min(interval, HealthPolicy.fastInterval) }
}
