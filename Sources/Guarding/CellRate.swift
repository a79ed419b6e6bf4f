public import Primitives

/// A rate with bursts, decided by virtual scheduling: the generic cell rate algorithm of ITU-T
/// I.371, annex A. What is kept of a client is one time, when its bucket is full again.
public struct CellRate: Sendable, Hashable {
  /// Nanoseconds that one request costs.
  public let interval: UInt64
  /// Requests that may come at once.
  public let burst: UInt64

  /// The longest that an empty bucket takes to fill.
  public static let longestFill = TimeSpan.hours(24)

  /// - Parameters:
  ///   - count: requests in `span`, 1 to 1,000,000.
  ///   - burst: 1 to 1,000,000; what would take longer than `longestFill` to fill is cut to it.
  public init(count: Int, per span: TimeSpan, burst: Int) {
    let nanoseconds = UInt64(max(1, span.nanoseconds))
    let (quotient, rest) = nanoseconds.quotientAndRemainder(dividingBy: UInt64(max(1, count)))
    // Rounded up: never more than the rate.
    interval = quotient + (rest > 0 ? 1 : 0)
    let most = max(1, UInt64(Self.longestFill.nanoseconds) / interval)
    self.burst = min(UInt64(max(1, burst)), most)
  }

  public enum Decision: Sendable, Equatable {
    /// With the time to keep.
    case admitted(fullAt: UInt64)
    /// With the wait until one is admitted again.
    case refused(retryAfter: TimeSpan)
  }

  /// - Parameters:
  ///   - fullAt: what the last admission said; anything not after `now` for a client unknown.
  ///   - now: nanoseconds of the same clock.
  public func decide(fullAt: UInt64, now: UInt64) -> Decision {
    let start = max(fullAt, now)
    // `burst * interval` is at most `longestFill`.
    let ahead = start - now
    let tolerance = (burst - 1) &* interval
    guard ahead <= tolerance else {
      return .refused(retryAfter: TimeSpan(nanoseconds: Int64(clamping: ahead - tolerance)))
    }
    return .admitted(fullAt: start &+ interval)
  }
}
