public import Primitives

/// `ejection: { failures, window, time, longest, max, successRate, minimumRequests }`.
public struct EjectionSettings: Sendable, Equatable {
  /// Failures in a row; 0 never ejects for them.
  public var failures: Int
  /// The time over which the share of successes is taken.
  public var window: TimeSpan
  /// The first ejection's length; doubles up to `longest`.
  public var time: TimeSpan
  public var longest: TimeSpan
  /// `max`: the most of the servers that may be out at a time, 0 … 1.
  public var maxShare: Double
  /// A smaller share of successes ejects, 0 … 1; 0 never does.
  public var successRate: Double
  /// Fewer in the window say nothing about the share.
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
