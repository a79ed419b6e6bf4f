public import Primitives

/// How many latencies fell into each of the buckets that the metrics show, and their sum.
/// Adding one is a few comparisons and three additions: no allocation, no division.
public struct LatencyHistogram: Sendable {
  /// Upper bounds of the buckets in seconds, the last open one (`+Inf`) left out.
  public static let bounds: [Double] = [
    0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10,
  ]
  public static let bucketCount = 15

  private var buckets = InlineArray<15, UInt64>(repeating: 0)
  private var nanoseconds: UInt64 = 0

  public init() {}

  /// A negative span counts as none. Counters wrap after 2^64, which is 584 years of latency.
  public mutating func record(_ span: TimeSpan) {
    let length = UInt64(truncatingIfNeeded: max(0, span.nanoseconds))
    nanoseconds &+= length
    buckets[Self.bucket(of: length)] &+= 1
  }

  public mutating func add(_ other: LatencyHistogram) {
    for index in 0..<Self.bucketCount { buckets[index] &+= other.buckets[index] }
    nanoseconds &+= other.nanoseconds
  }

  /// Those in bucket `index` alone; the last bucket has no upper bound. 0 outside of the buckets.
  public func count(inBucket index: Int) -> UInt64 {
    (0..<Self.bucketCount).contains(index) ? buckets[index] : 0
  }

  public var count: UInt64 {
    var total: UInt64 = 0
    for index in 0..<Self.bucketCount { total &+= buckets[index] }
    return total
  }

  /// Seconds.
  public var sum: Double { Double(nanoseconds) / 1e9 }

  /// The bucket that a span counts in.
  public static func bucket(of span: TimeSpan) -> Int {
    bucket(of: UInt64(truncatingIfNeeded: max(0, span.nanoseconds)))
  }

  /// A bound belongs to its bucket, as Prometheus has it (`le`). Most requests end in the first.
  private static func bucket(of length: UInt64) -> Int {
    if length <= 5_000_000 { return 0 }
    if length <= 10_000_000 { return 1 }
    if length <= 25_000_000 { return 2 }
    if length <= 50_000_000 { return 3 }
    if length <= 75_000_000 { return 4 }
    if length <= 100_000_000 { return 5 }
    if length <= 250_000_000 { return 6 }
    if length <= 500_000_000 { return 7 }
    if length <= 750_000_000 { return 8 }
    if length <= 1_000_000_000 { return 9 }
    if length <= 2_500_000_000 { return 10 }
    if length <= 5_000_000_000 { return 11 }
    if length <= 7_500_000_000 { return 12 }
    if length <= 10_000_000_000 { return 13 }
    return 14
  }
}
