public import Primitives

/// How often a server is checked, and how many results in a row change what is thought of it.
public struct HealthPolicy: Sendable, Equatable {
  /// From the beginning of one check to the beginning of the next, within `jitter`.
  public var interval: TimeSpan
  /// A check without a result after this long has failed.
  public var timeout: TimeSpan
  /// Passed checks in a row that make an unhealthy server healthy; at least 1.
  public var rise: Int
  /// Failed checks in a row that make a server unhealthy; at least 1.
  public var fall: Int

  public init(
    interval: TimeSpan = .seconds(2), timeout: TimeSpan = .seconds(1), rise: Int = 2, fall: Int = 3
  ) {
    self.interval = max(interval, Self.shortestInterval)
    self.timeout = max(timeout, Self.shortestInterval)
    self.rise = max(1, rise)
    self.fall = max(1, fall)
  }

  /// The longest interval of a server in transition.
  public static let fastInterval = TimeSpan.milliseconds(500)
  /// Keeps a mistaken interval of zero from becoming a flood, and spaces the checks that traffic
  /// asks for.
  public static let shortestInterval = TimeSpan.milliseconds(50)
  /// An interval varies by this share both ways, so that checks of many servers spread out.
  public static let jitter = 0.1
}
