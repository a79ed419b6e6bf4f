public import Primitives
public import Topology

/// What one event loop knows of a server from its own traffic. Lives as long as the server's name,
/// over all topologies.
public struct ServerLoad: Sendable {
  /// Requests under way.
  public private(set) var inflight = 0
  public var breaker = CircuitBreaker()
  public private(set) var latency = LatencyEstimate()
  /// Among its balancer's candidates, and among those that keep sessions; -1 where it isn't.
  /// Whoever reads them looks whether the place is really this server's.
  var place: Int32 = -1
  var sessionPlace: Int32 = -1
  public private(set) var measurement: MeasuredLoad?
  public private(set) var concurrency = ConcurrencyLimit()
  public var openConnections = 0

  public init() {}

  /// A try is sent to it.
  public mutating func began(_ now: Instant) {
    inflight &+= 1
    breaker.began(now)
    latency.began(now)
  }

  /// A try, answered or not, is no longer under way.
  public mutating func ended() {
    inflight &-= 1
    latency.bound(inflight)
  }

  /// A try will have no answer, through no fault of the server's: its client left. `ended` follows.
  /// - Parameter waited: for how long the try was under way.
  public mutating func abandoned(after waited: TimeSpan, now: Instant) {
    breaker.abandoned(now, began: now + (.zero - waited))
    latency.abandoned(after: waited, now: now)
  }

  /// The most requests that it may have under way by its own behaviour.
  public var limit: Int { concurrency.limit }

  /// The head of a final answer came.
  /// - Parameters:
  ///   - isFailure: see `CircuitBreaker.isFailure(status:)`.
  ///   - latency: since the request was sent.
  ///   - began: when the try was begun; nil when that is as long ago.
  ///   - mayEject: from `Balancer.mayEject`; needed for failures only.
  public mutating func answered(
    isFailure: Bool, after latency: TimeSpan, began: Instant? = nil, policy: EjectionPolicy,
    mayEject: Bool, now: Instant
  ) -> CircuitBreaker.Change? {
    self.latency.answered(after: latency, isFailure: isFailure, now: now)
    // How long a failure took says nothing of how long an answer does.
    if !isFailure {
      concurrency.sample(latency: latency, inflight: inflight, failed: false, now: now)
    }
    return breaker.answered(
      isFailure: isFailure, began: began ?? now + (.zero - latency), policy: policy,
      mayEject: mayEject, now: now)
  }

  /// A try got no answer.
  /// - Parameters:
  ///   - isCertain: it refused the connection, so that the next try would fail as well.
  ///   - waited: for how long the try was under way.
  public mutating func failed(
    isCertain: Bool, after waited: TimeSpan, policy: EjectionPolicy, mayEject: Bool, now: Instant
  ) -> CircuitBreaker.Change? {
    latency.answered(after: waited, isFailure: true, now: now)
    // A server that refuses connections is down, not overloaded.
    if !isCertain {
      concurrency.sample(latency: waited, inflight: inflight, failed: true, now: now)
    }
    return breaker.failed(
      isCertain: isCertain, began: now + (.zero - waited), policy: policy, mayEject: mayEject,
      now: now)
  }

  /// Its machine's load was reported.
  public mutating func measured(_ load: MeasuredLoad) { measurement = load }

  /// A check found it healthy, or another process answers there: what was held against it is
  /// forgotten.
  public mutating func forgive() {
    breaker.forgive()
    latency.forgive()
  }
}
