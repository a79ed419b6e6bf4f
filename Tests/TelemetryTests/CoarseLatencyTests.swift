import Primitives
import Telemetry
import Testing

struct CoarseLatencyTests {
  @Test func `every latency up to 7 seconds comes back within 6.25 percent or 16 microseconds`() {
    var random = SeededRandom(seed: 3)
    var values: [Int64] = Array(0...2_000)
    for power in 0..<23 { values += [Int64(1) << power - 1, 1 << power, 1 << power + 1] }
    for _ in 0..<2_000 { values.append(Int64(random.below(7_000_000))) }
    for microseconds in values where microseconds <= 7_000_000 {
      var sketch = CoarseLatencySketch()
      sketch.record(.microseconds(microseconds))
      let got = (sketch.quantile(0.5) ?? -1) * 1e6
      let allowed = max(0.0626 * Double(microseconds), 16.1)
      #expect(abs(got - Double(microseconds)) <= allowed, "\(microseconds) µs became \(got)")
    }
  }

  @Test func `latencies out of range count at the ends`() {
    var sketch = CoarseLatencySketch()
    #expect(sketch.quantile(0.5) == nil)
    sketch.record(.nanoseconds(-5))
    #expect((sketch.quantile(1) ?? 1) < 20e-6)
    sketch.record(TimeSpan(nanoseconds: .max))
    #expect(sketch.count == 2)
    #expect((sketch.quantile(1) ?? 0) > 7)
    #expect(sketch.quantile(.nan) == nil)
  }

  @Test func `adding merges, and subtracting a snapshot leaves what came after it`() {
    var first = CoarseLatencySketch()
    for _ in 0..<100 { first.record(.milliseconds(1)) }
    let snapshot = first
    var other = CoarseLatencySketch()
    for _ in 0..<100 { other.record(.seconds(1)) }
    first.add(other)
    #expect(first.count == 200)
    first.subtract(snapshot)
    #expect(first.count == 100)
    #expect((first.quantile(0.01) ?? 0) > 0.9)
  }
}
