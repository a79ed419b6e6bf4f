public import Primitives
public import Topology

/// What one event loop knows of a server from its own traffic. Lives as long as the server's name,
/// over all topologies.
public struct ServerLoad: Sendable {
  /// Requests under way.
  public private(set) var inflight = 0
  public var openConnections = 0
  public var breaker = CircuitBreaker()

  public init() {}

  /// A try is sent to it.
  public mutating func began(_ now: Instant) {
    inflight += 1
    breaker.began(now)
  }

  /// A try, answered or not, is no longer under way.
  public mutating func ended() { inflight -= 1 }

  /// The head of a final answer came.
  /// - Parameters:
  ///   - isFailure: see `CircuitBreaker.isFailure(status:)`.
  ///   - latency: since the request was sent.
  ///   - mayEject: from `Balancer.mayEject`.
  public mutating func answered(
    isFailure: Bool, after latency: TimeSpan, policy: EjectionPolicy, mayEject: Bool, now: Instant
  ) -> CircuitBreaker.Change? {
    breaker.answered(
      isFailure: isFailure, began: now + (.zero - latency), policy: policy, mayEject: mayEject,
      now: now)
  }

  /// A try got no answer.
  /// - Parameters:
  ///   - isCertain: it refused the connection, so that the next try would fail as well.
  ///   - waited: for how long the try was under way.
  public mutating func failed(
    isCertain: Bool, after waited: TimeSpan, policy: EjectionPolicy, mayEject: Bool, now: Instant
  ) -> CircuitBreaker.Change? {
    breaker.failed(
      isCertain: isCertain, began: now + (.zero - waited), policy: policy, mayEject: mayEject,
      now: now)
  }

  /// A check found it healthy, or another process answers there: what was held against it is
  /// forgotten.
  public mutating func forgive() { breaker.forgive() }
}
