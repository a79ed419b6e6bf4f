public import Primitives

/// When a server that answers its checks but fails its requests is left out for a time.
public struct EjectionPolicy: Sendable, Equatable {
  /// Failures in a row (5xx, resets, timeouts, failed connects) that eject; 0 never does.
  public var failures: Int
  /// The time over which the share of successes is taken.
  public var window: TimeSpan
  /// The first ejection's length; it doubles with each that follows soon, up to `longest`.
  public var time: TimeSpan
  public var longest: TimeSpan
  /// The most of a service's servers, 0 … 1, that may be out at a time; never the last one.
  public var maxShare: Double
  /// A smaller share of successes in the window ejects, 0 … 1, with at least `minimumRequests`.
  public var successRate: Double
  public var minimumRequests: Int

  public init(
    failures: Int = 5, window: TimeSpan = .seconds(10), time: TimeSpan = .seconds(10),
    longest: TimeSpan = .seconds(300), maxShare: Double = 0.5, successRate: Double = 0.5,
    minimumRequests: Int = 20
  ) {
    self.failures = failures
    self.window = window
    self.time = time
    self.longest = longest
    self.maxShare = maxShare
    self.successRate = successRate
    self.minimumRequests = minimumRequests
  }
}
