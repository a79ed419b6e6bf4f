/// A point on the monotonic clock, in nanoseconds from an arbitrary start.
public struct Instant: Sendable, Hashable, Comparable {
  public var nanoseconds: UInt64

  @inlinable public init(nanoseconds: UInt64) { self.nanoseconds = nanoseconds }

  @inlinable public static var zero: Instant { Instant(nanoseconds: 0) }
  @inlinable public static var distantFuture: Instant { Instant(nanoseconds: .max) }

  public static func < (left: Instant, right: Instant) -> Bool {
    left.nanoseconds < right.nanoseconds
  }

  /// Saturates at both ends of the clock.
  public static func + (instant: Instant, span: TimeSpan) -> Instant {
    let magnitude = span.nanoseconds.magnitude
    let (value, overflow) =
      span.nanoseconds >= 0
      ? instant.nanoseconds.addingReportingOverflow(magnitude)
      : instant.nanoseconds.subtractingReportingOverflow(magnitude)
    guard overflow else { return Instant(nanoseconds: value) }
    return span.nanoseconds >= 0 ? .distantFuture : .zero
  }

  /// The time from `earlier` to here; negative when `earlier` is later. Saturates.
  public static func - (later: Instant, earlier: Instant) -> TimeSpan {
    if later.nanoseconds >= earlier.nanoseconds {
      return TimeSpan(nanoseconds: Int64(clamping: later.nanoseconds - earlier.nanoseconds))
    }
    return TimeSpan(nanoseconds: -Int64(clamping: earlier.nanoseconds - later.nanoseconds))
  }
}
