import Primitives
import Telemetry
import Testing

@Suite struct LatencySketchTests {
  @Test func `an empty sketch has no quantile`() {
    #expect(LatencySketch().quantile(0.5) == nil)
    #expect(LatencySketch().count == 0)
  }

  @Test func `every latency up to 100 seconds comes back within four percent or a microsecond`() {
    var random = SeededRandom(seed: 1)
    var values: [Int64] = Array(0...2_000)
    for power in 0..<27 { values += [Int64(1) << power - 1, 1 << power, 1 << power + 1] }
    for _ in 0..<2_000 { values.append(Int64(random.below(100_000_000))) }
    for microseconds in values where microseconds <= 100_000_000 {
      var sketch = LatencySketch()
      sketch.record(.microseconds(microseconds))
      let got = (sketch.quantile(0.5) ?? -1) * 1e6
      let allowed = max(0.04 * Double(microseconds), 0.5)
      #expect(abs(got - Double(microseconds)) <= allowed, "\(microseconds) µs became \(got)")
    }
  }

  @Test func `quantiles of many latencies are within four percent of the exact ones`() {
    var random = SeededRandom(seed: 2)
    var sketch = LatencySketch()
    var exact: [Double] = []
    for _ in 0..<20_000 {
      // Latencies over five orders of magnitude, as services have them.
      let fraction = random.fraction()
      let microseconds = Int64(20 + 5_000_000 * fraction * fraction * fraction * fraction)
      sketch.record(.microseconds(microseconds))
      exact.append(Double(microseconds) / 1e6)
    }
    exact.sort()
    for q in [0.0, 0.01, 0.5, 0.9, 0.95, 0.99, 0.999, 1] {
      let wanted = exact[max(0, Int((q * 20_000).rounded(.up)) - 1)]
      let got = sketch.quantile(q) ?? -1
      #expect(abs(got - wanted) <= 0.04 * wanted, "q \(q): \(got) for \(wanted)")
    }
    #expect(sketch.count == 20_000)
  }

  @Test func `latencies out of range count at the ends`() {
    var sketch = LatencySketch()
    sketch.record(.nanoseconds(-5))
    #expect(sketch.quantile(1) == 0)
    sketch.record(TimeSpan(nanoseconds: .max))
    #expect(sketch.count == 2)
    #expect((sketch.quantile(1) ?? 0) > 100)
    #expect(sketch.quantile(.nan) == nil)
    #expect(sketch.quantile(-1) == 0)
    #expect(sketch.quantile(2) == sketch.quantile(1))
  }

  @Test func `adding merges, and subtracting a snapshot leaves what came after it`() {
    var first = LatencySketch()
    for _ in 0..<100 { first.record(.milliseconds(1)) }
    let snapshot = first
    var second = LatencySketch()
    for _ in 0..<100 { second.record(.seconds(1)) }
    first.add(second)
    #expect(first.count == 200)
    first.subtract(snapshot)
    #expect(first.count == 100)
    #expect((first.quantile(0) ?? 0) > 0.95)
  }
}

@Suite struct LatencyHistogramTests {
  @Test func `a latency at a bound belongs to the bucket of that bound`() {
    for (index, bound) in LatencyHistogram.bounds.enumerated() {
      var histogram = LatencyHistogram()
      let span = TimeSpan.microseconds(Int64(bound * 1e6))
      histogram.record(span)
      histogram.record(span + .nanoseconds(1))
      #expect(histogram.count(inBucket: index) == 1)
      #expect(histogram.count(inBucket: index + 1) == 1)
    }
    #expect(LatencyHistogram.bounds.count + 1 == LatencyHistogram.bucketCount)
  }

  @Test func `count and sum cover every bucket, and adding adds them`() {
    var histogram = LatencyHistogram()
    histogram.record(.milliseconds(2))
    histogram.record(.seconds(60))
    histogram.record(.seconds(-1))
    #expect(histogram.count == 3)
    #expect(abs(histogram.sum - 60.002) < 1e-9)
    let copy = histogram
    histogram.add(copy)
    #expect(histogram.count == 6)
    #expect(histogram.count(inBucket: 14) == 2)
    #expect(histogram.count(inBucket: 99) == 0)
  }
}
