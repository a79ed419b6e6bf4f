/// The counters of a latency sketch, log-linear: each power of two is cut into equal parts. In place,
/// no heap. They wrap, so the difference of two snapshots is right as long as fewer than 2^32
/// latencies fell into one counter between them.
struct LatencyCounters<let size: Int>: Sendable {
  private var counts = InlineArray<size, UInt32>(repeating: 0)

  mutating func count(at index: Int) { counts[index] &+= 1 }

  mutating func add(_ other: LatencyCounters) {
    for index in 0..<size { counts[index] &+= other.counts[index] }
  }

  mutating func subtract(_ earlier: LatencyCounters) {
    for index in 0..<size { counts[index] &-= earlier.counts[index] }
  }

  /// How many are in the counters from `first` on.
  func total(from first: Int = 0) -> UInt64 {
    var total: UInt64 = 0
    var index = max(0, first)
    while index < size {
      total &+= UInt64(counts[index])
      index &+= 1
    }
    return total
  }

  /// The counter with the value that a share `q` (0 … 1) of all did not exceed; nil when empty.
  func index(ofQuantile q: Double) -> Int? {
    let total = total()
    guard total > 0, !q.isNaN else { return nil }
    let rank = max(1, (min(max(q, 0), 1) * Double(total)).rounded(.up))
    var seen: UInt64 = 0
    for index in 0..<size {
      seen &+= UInt64(counts[index])
      if Double(seen) >= rank { return index }
    }
    return nil
  }

  /// Where a value belongs; the longest count as the last.
  ///
  /// A value under 2^`bits` is its own index. Others keep their top `bits` and one, the first of
  /// which is always set: `shift` of them say the power of two, the rest the part of it.
  ///
  /// - Parameter bits: 2^`bits` parts a power of two.
  @inline(__always)
  static func index(of value: UInt64, bits: Int) -> Int {
    if value &>> UInt64(truncatingIfNeeded: bits) == 0 { return Int(truncatingIfNeeded: value) }
    let shift = 63 &- bits &- value.leadingZeroBitCount
    let part = Int(truncatingIfNeeded: value &>> UInt64(truncatingIfNeeded: shift))
    return min((shift &<< bits) &+ part, size &- 1)
  }
}
