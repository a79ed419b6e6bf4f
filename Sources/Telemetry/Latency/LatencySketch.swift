public import Primitives

/// Latencies from one microsecond to 134 seconds in 384 counters, for quantiles within 4 %.
///
/// Log-linear, after HdrHistogram (Tene): each power of two is cut into 16 equal parts, so a part is
/// at most 1/16 of its value wide, and its middle at most 1/32 (3.2 %) off. Under 16 µs each
/// microsecond has its own counter, half a microsecond off at most. Longer latencies count as the
/// longest. 1,536 bytes in place, no heap. Counters wrap.
public struct LatencySketch: Sendable {
  /// 16 parts a power of two.
  private static let bits = 4
  private var counters = LatencyCounters<384>()

  public init() {}

  /// Rounds to the nearest microsecond; a negative span counts as none.
  public mutating func record(_ span: TimeSpan) {
    let nanoseconds = UInt64(truncatingIfNeeded: max(0, span.nanoseconds))
    counters.count(at: Self.index(of: (nanoseconds &+ 500) / 1_000))
  }

  public mutating func add(_ other: LatencySketch) { counters.add(other.counters) }

  /// Leaves what came after the snapshot `earlier`.
  public mutating func subtract(_ earlier: LatencySketch) { counters.subtract(earlier.counters) }

  public var count: UInt64 { counters.total() }

  /// How many took longer, but for those in the same counter as `span`, which is 1/16 of it wide at most.
  public func count(above span: TimeSpan) -> UInt64 {
    let microseconds = UInt64(truncatingIfNeeded: max(0, span.nanoseconds)) / 1_000
    return counters.total(from: Self.index(of: microseconds) + 1)
  }

  /// The latency in seconds that a share `q` (0 … 1) of all did not exceed; nil when empty.
  public func quantile(_ q: Double) -> Double? {
    counters.index(ofQuantile: q).map { Self.middle(of: $0) / 1e6 }
  }

  private static func index(of microseconds: UInt64) -> Int {
    LatencyCounters<384>.index(of: microseconds, bits: bits)
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
