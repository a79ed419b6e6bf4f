public import Primitives

/// What one event loop knows of a server from its own traffic.
public struct ServerLoad: Sendable {
  /// Requests under way.
  public var inflight = 0
  public var openConnections = 0
  /// Failures since the last answer.
  public private(set) var failuresInARow = 0
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
    avoidedUntil = .zero
  }

  /// The server didn't answer a try.
  /// - Parameter isCertain: it refused the connection, so that the next try would fail as well.
  public mutating func failed(isCertain: Bool, now: Instant) {
    failuresInARow = min(failuresInARow + 1, 32)
    guard isCertain || failuresInARow >= Self.toleratedFailures else { return }
    let doublings = Double(1 << min(failuresInARow - 1, 8))
    let span = min(Self.shortestAvoidance.scaled(by: doublings), Self.longestAvoidance)
    avoidedUntil = now + span
  }

  /// A check found it healthy: it gets another chance at once.
  public mutating func forgive() { succeeded() }
}
