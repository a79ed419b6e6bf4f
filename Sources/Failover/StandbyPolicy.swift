public import Primitives

/// When the active server of a service changes without a fault, and how failed promotions are
/// spaced.
public struct StandbyPolicy: Sendable, Equatable {
  public var switchBack: SwitchBack
  /// How long a preferred server has to be well without a break before it is switched back to.
  public var after: TimeSpan

  public init(switchBack: SwitchBack = .never, after: TimeSpan = .seconds(30)) {
    self.switchBack = switchBack
    self.after = after
  }

  /// How long a beginning waits for the first checks of the preferred servers while others are well
  /// already: else whoever answers first would win.
  public static let firstChecks = TimeSpan.seconds(5)
  /// When every candidate's hook failed, all are tried again after this long, then after twice as
  /// long, up to `longestBackoff`.
  public static let firstBackoff = TimeSpan.seconds(1)
  public static let longestBackoff = TimeSpan.seconds(60)

  /// Before the round that follows the `failures`th failed one in a row, from 1.
  static func backoff(failures: Int) -> TimeSpan {
    let doublings = UInt64(min(max(failures, 1) - 1, 32))
    return min(firstBackoff.scaled(by: Double(UInt64(1) << doublings)), longestBackoff)
  }
}
