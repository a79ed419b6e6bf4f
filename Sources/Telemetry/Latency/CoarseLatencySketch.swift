public import Primitives

/// Latencies up to 8 seconds in 128 counters, for quantiles within 6.25 %: a small
/// `LatencySketch` for things that there are thousands of.
///
/// Log-linear like that one, in units of 32 µs with 8 parts a power of two: under 256 µs each unit
/// has its own counter, 16 µs off at most. Longer latencies count as the longest. 512 bytes in
/// place, no heap. Counters wrap, as there.
public struct CoarseLatencySketch: Sendable {
  private static let size = 128
  private var counts = InlineArray<128, UInt32>(repeating: 0)

  public init() {}

  /// A negative span counts as none.
  public mutating func record(_ span: TimeSpan) {
    let nanoseconds = UInt64(truncatingIfNeeded: max(0, span.nanoseconds))
    counts[Self.index(of: nanoseconds / 32_000)] &+= 1
  }

  public mutating func add(_ other: CoarseLatencySketch) {
    for index in 0..<Self.size { counts[index] &+= other.counts[index] }
  }

  /// Leaves what came after the snapshot `earlier`.
  public mutating func subtract(_ earlier: CoarseLatencySketch) {
    for index in 0..<Self.size { counts[index] &-= earlier.counts[index] }
  }

  public var count: UInt64 {
    var total: UInt64 = 0
    for index in 0..<Self.size { total &+= UInt64(counts[index]) }
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
      if Double(seen) >= rank { return Self.middle(of: index) * 32e-6 }
    }
    return nil
  }

  /// A value under 8 is its own index. Others keep their top four bits, the first of which is always
  /// set: `shift` of them say the power of two, 8 … 15 the part of it.
  private static func index(of units: UInt64) -> Int {
    if units < 8 { return Int(truncatingIfNeeded: units) }
    let shift = 60 &- units.leadingZeroBitCount
    let part = Int(truncatingIfNeeded: units >> UInt64(truncatingIfNeeded: shift))
    return min(shift &* 8 &+ part, size - 1)
  }

  /// In units: a part holds its lowest value and all under the next one's.
  private static func middle(of index: Int) -> Double {
    if index < 16 { return Double(index) + 0.5 }
    let shift = index / 8 - 1
    return (Double(index % 8 + 8) + 0.5) * Double(UInt64(1) << UInt64(shift))
  }
}
