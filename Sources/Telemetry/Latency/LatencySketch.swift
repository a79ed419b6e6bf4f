public import Primitives

/// Latencies from one microsecond to 134 seconds in 384 counters, for quantiles within 4 %.
///
/// Log-linear, after HdrHistogram (Tene): each power of two is cut into 16 equal parts, so a part is
/// at most 1/16 of its value wide, and its middle at most 1/32 (3.2 %) off. Under 16 µs each
/// microsecond has its own counter, half a microsecond off at most. Longer latencies count as the
/// longest. 1,536 bytes in place, no heap.
///
/// Counters wrap, so the difference of two snapshots is right as long as fewer than 2^32
/// latencies fell into one counter between them.
public struct LatencySketch: Sendable {
  private static let size = 384
  private var counts = InlineArray<384, UInt32>(repeating: 0)

  public init() {}

  /// Rounds to the nearest microsecond; a negative span counts as none.
  public mutating func record(_ span: TimeSpan) {
    let nanoseconds = UInt64(truncatingIfNeeded: max(0, span.nanoseconds))
    counts[Self.index(of: (nanoseconds &+ 500) / 1_000)] &+= 1
  }

  public mutating func add(_ other: LatencySketch) {
    for index in 0..<Self.size { counts[index] &+= other.counts[index] }
  }

  /// Leaves what came after the snapshot `earlier`.
  public mutating func subtract(_ earlier: LatencySketch) {
    for index in 0..<Self.size { counts[index] &-= earlier.counts[index] }
  }

  public var count: UInt64 {
    var total: UInt64 = 0
    for index in 0..<Self.size { total &+= UInt64(counts[index]) }
    return total
  }

  /// How many took longer, but for those in the same counter as `span`, which is 1/16 of it wide at most.
  public func count(above span: TimeSpan) -> UInt64 {
    let microseconds = UInt64(truncatingIfNeeded: max(0, span.nanoseconds)) / 1_000
    let first = Self.index(of: microseconds) + 1
    guard first < Self.size else { return 0 }
    var total: UInt64 = 0
    for index in first..<Self.size { total &+= UInt64(counts[index]) }
    return total
  }

  /// The latency in seconds that a share `q` (0 … 1) of all did not exceed; nil when empty.
  public func quantile(_ q: Double) -> Double? {
    let total = count
    guard total > 0, !q.isNaN else { return nil }
    let rank = max(1, (min(max(q, 0), 1) * Double(total)).rounded(.up))
    var seen: UInt64 = 0
    for index in 0..<Self.size {
      seen &+= UInt64(counts[index])
      if Double(seen) >= rank { return Self.middle(of: index) / 1e6 }
    }
    return nil
  }

  /// A value under 16 is its own index. Others keep their top five bits, the first of which is
  /// always set: `shift` of them say the power of two, 16 … 31 the part of it.
  private static func index(of microseconds: UInt64) -> Int {
    if microseconds < 16 { return Int(truncatingIfNeeded: microseconds) }
    let shift = 59 &- microseconds.leadingZeroBitCount
    let part = Int(truncatingIfNeeded: microseconds >> UInt64(truncatingIfNeeded: shift))
    return min(shift &* 16 &+ part, size - 1)
  }

  /// In microseconds.
  private static func middle(of index: Int) -> Double {
    if index < 32 { return Double(index) }
    let shift = index / 16 - 1
    let lowest = UInt64(index % 16 + 16) << UInt64(shift)
    // The middle of the whole microseconds that share the counter.
    return Double(lowest) + Double((UInt64(1) << UInt64(shift)) - 1) / 2
  }
}
