public import Primitives

/// Latencies up to 8 seconds in 128 counters, for quantiles within 6.25 %: a small
/// `LatencySketch` for things that there are thousands of.
///
/// Log-linear like that one, in units of 32 µs with 8 parts a power of two: under 256 µs each unit
/// has its own counter, 16 µs off at most. Longer latencies count as the longest. 512 bytes in
/// place, no heap. Counters wrap, as there.
public struct CoarseLatencySketch: Sendable {
  /// 8 parts a power of two.
  private static let bits = 3
  private var counters = LatencyCounters<128>()

  public init() {}

  /// A negative span counts as none.
  public mutating func record(_ span: TimeSpan) {
    let nanoseconds = UInt64(truncatingIfNeeded: max(0, span.nanoseconds))
    counters.count(at: LatencyCounters<128>.index(of: nanoseconds / 32_000, bits: Self.bits))
  }

  public mutating func add(_ other: CoarseLatencySketch) { counters.add(other.counters) }

  /// Leaves what came after the snapshot `earlier`.
  public mutating func subtract(_ earlier: CoarseLatencySketch) {
    counters.subtract(earlier.counters)
  }

  public var count: UInt64 { counters.total() }

  /// The latency in seconds that a share `q` (0 … 1) of all did not exceed; nil when empty.
  public func quantile(_ q: Double) -> Double? {
    counters.index(ofQuantile: q).map { Self.middle(of: $0) * 32e-6 }
  }

  /// In units: a part holds its lowest value and all under the next one's.
  private static func middle(of index: Int) -> Double {
    if index < 16 { return Double(index) + 0.5 }
    let shift = index / 8 - 1
    return (Double(index % 8 + 8) + 0.5) * Double(UInt64(1) << UInt64(shift))
  }
}
