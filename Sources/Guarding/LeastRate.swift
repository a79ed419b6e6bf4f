public import Primitives

/// The least that a peer has to move, in bytes a second, once it had its grace.
public struct LeastRate: Sendable, Equatable {
  /// 0 asks for nothing.
  public var bytesPerSecond: Int
  /// How long a peer may move nothing, and what more it may have saved up.
  public var grace: TimeSpan

  public init(bytesPerSecond: Int, grace: TimeSpan) {
    self.bytesPerSecond = bytesPerSecond
    self.grace = grace
  }

  /// When the time of a peer is up that moved `bytes` more: they buy it time at the rate. It never
  /// has more than the grace, so that nobody can move much at first and then trickle.
  /// - Parameter due: when its time was up before.
  public func extended(_ due: Instant, by bytes: Int, now: Instant) -> Instant {
    let latest = now + grace
    guard bytesPerSecond > 0 else { return .distantFuture }
    // Bytes of one socket in one span: the product of 10^9 and 2^33 fits.
    let earned = Int64(clamping: min(bytes, 1 << 33)) * 1_000_000_000 / Int64(bytesPerSecond)
    return min(max(due, now) + TimeSpan(nanoseconds: earned), latest)
  }
}
