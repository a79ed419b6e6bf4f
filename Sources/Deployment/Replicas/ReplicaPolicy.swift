public import Primitives

/// The times and numbers that a replica set goes by.
public struct ReplicaPolicy: Sendable, Equatable {
  /// Most replicas of one service; more are cut to it.
  public static let mostReplicas = 1_000

  /// A restart waits not at all, then this long, then doubling to `longestBackoff`.
  public var firstBackoff = TimeSpan.seconds(1)
  public var longestBackoff = TimeSpan.seconds(60)
  /// A replica that was up for so long begins the row anew.
  public var backoffReset = TimeSpan.minutes(10)
  /// So many exits in a row without being ready for `stable` make a crash loop.
  public var crashLoopExits = 5
  public var stable = TimeSpan.seconds(10)
  /// A replica that is taken out may finish its requests for so long.
  public var drain = TimeSpan.seconds(30)
  /// A replica that was ready and has not been for so long hangs, and is replaced.
  public var hung = TimeSpan.seconds(30)
  /// A replica that is not ready so long after its start is started anew.
  public var start = TimeSpan.minutes(5)
  public init() {}

  /// Before the restart after the `failures`th exit in a row, from 1.
  func backoff(failures: Int) -> TimeSpan {
    guard failures > 1 else { return .zero }
    let doubled = TimeSpan(nanoseconds: firstBackoff.nanoseconds).scaled(
      by: Double(UInt64(1) << UInt64(min(failures - 2, 32))))
    return min(doubled, longestBackoff)
  }
}
