public import Primitives
public import Topology

/// One server's circuit breaker, as one event loop sees it.
public struct CircuitBreaker: Sendable {
  public enum Change: Sendable, Equatable {
    /// Left out until then; the cause is a sentence for people.
    case ejected(until: Instant, cause: String)
    /// It proved itself, and takes its share again.
    case readmitted
  }

  /// Failures since the last answer.
  public private(set) var failuresInARow = 0
  /// How often it was ejected, ever.
  public private(set) var ejections: UInt64 = 0
  /// How often it was avoided since the last answer.
  private var rounds = 0
  private var avoidedUntil = Instant.zero

  public init() {}

  /// Resets and timeouts in a row after which a server is avoided; a failed connect is enough.
  public static let toleratedFailures = 3
  public static let shortestAvoidance = TimeSpan.milliseconds(500)
  public static let longestAvoidance = TimeSpan.seconds(10)

  /// Whether a new try may go there while there are others.
  public func admits(_ now: Instant) -> Bool { now >= avoidedUntil }

  /// A try goes to the server.
  public mutating func began(_ now: Instant) {}

  /// The server answered.
  /// - Parameters:
  ///   - isFailure: with a status of 5xx.
  ///   - mayEject: whether so few are out that this one may go.
  public mutating func answered(
    isFailure: Bool, policy: EjectionPolicy, mayEject: Bool, now: Instant
  ) -> Change? {
    if failuresInARow == 0 { return nil }
    failuresInARow = 0
    rounds = 0
    avoidedUntil = .zero
    return nil
  }

  /// The server didn't answer a try. Requests that fail together count as one sign: the time
  /// doubles only when it fails again after it was avoided.
  /// - Parameter isCertain: it refused the connection, so that the next try would fail as well.
  public mutating func failed(
    isCertain: Bool, policy: EjectionPolicy, mayEject: Bool, now: Instant
  ) -> Change? {
    failuresInARow &+= 1
    guard isCertain || failuresInARow >= Self.toleratedFailures, admits(now) else { return nil }
    let doublings = Double(1 << min(rounds, 8))
    rounds &+= 1
    ejections &+= 1
    avoidedUntil = now + min(Self.shortestAvoidance.scaled(by: doublings), Self.longestAvoidance)
    return nil
  }

  /// A try that was begun ended without saying anything of the server: the client left.
  public mutating func abandoned(_ now: Instant) {}

  /// Another loop ejected it.
  public mutating func eject(until: Instant, now: Instant) { avoidedUntil = until }

  /// A check found it healthy: it gets another chance at once.
  public mutating func forgive() {
    failuresInARow = 0
    rounds = 0
    avoidedUntil = .zero
  }
}
