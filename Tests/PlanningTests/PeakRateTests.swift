import Planning
import Primitives
import Testing

@Suite struct PeakRateTests {
  private func second(_ number: Int64) -> Instant { .zero + .seconds(number) }

  @Test func `five seconds make a rate, and the best of ten minutes counts`() {
    var peak = PeakRate()
    for number in 0..<4 { peak.add(requests: 100, servers: 2, at: second(Int64(number))) }
    #expect(peak.perServer == nil)
    peak.add(requests: 100, servers: 2, at: second(4))
    #expect(peak.perServer == 50)
    for number in 5..<300 { peak.add(requests: 10, servers: 2, at: second(Int64(number))) }
    #expect(peak.perServer == 50)
    for number in 300..<1_000 { peak.add(requests: 10, servers: 2, at: second(Int64(number))) }
    #expect(peak.perServer == 5)
  }

  @Test func `without servers nothing was carried`() {
    var peak = PeakRate()
    for number in 0..<20 { peak.add(requests: 100, servers: 0, at: second(Int64(number))) }
    #expect(peak.perServer == nil)
  }
}
