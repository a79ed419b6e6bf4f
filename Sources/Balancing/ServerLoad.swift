public import Primitives

/// What one event loop knows of a server from its own traffic.
public struct ServerLoad: Sendable {
  /// Requests under way.
  public var inflight = 0
  public var openConnections = 0
  /// Failures since the last answer.
  public private(set) var failuresInARow = 0
  /// How often it was avoided, ever.
  public private(set) var ejections: UInt64 = 0
  /// How often it was avoided since the last answer.
  private var rounds = 0
  private var avoidedUntil = Instant.zero

  public init() {}

  /// Resets and timeouts in a row after which a server is avoided; a failed connect is enough.
  public static let toleratedFailures = 3
  public static let shortestAvoidance = TimeSpan.milliseconds(500)
  public static let longestAvoidance = TimeSpan.seconds(10)

  public func isAvoided(_ now: Instant) -> Bool { now < avoidedUntil }

  /// The server answered: whatever was held against it is forgotten.
  public mutating func succeeded() {
    if failuresInARow == 0 { return }
    failuresInARow = 0
    rounds = 0
    avoidedUntil = .zero
  }

  /// The server didn't answer a try. Requests that fail together count as one sign: the time
  /// doubles only when it fails again after it was avoided.
  /// - Parameter isCertain: it refused the connection, so that the next try would fail as well.
  public mutating func failed(isCertain: Bool, now: Instant) {
    failuresInARow &+= 1
    guard isCertain || failuresInARow >= Self.toleratedFailures, !isAvoided(now) else { return }
    let doublings = Double(1 << min(rounds, 8))
    rounds &+= 1
    ejections &+= 1
    avoidedUntil = now + min(Self.shortestAvoidance.scaled(by: doublings), Self.longestAvoidance)
  }

  /// A check found it healthy: it gets another chance at once.
  public mutating func forgive() { succeeded() }
}
