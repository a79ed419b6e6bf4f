import Primitives
import Testing
import Topology

@testable import Simulation

@Suite struct SimulatorTests {
  @Test func `the same seed gives the same report, another one another`() {
    let one = Simulator.run(RandomScenario.make(seed: 7))
    #expect(one == Simulator.run(RandomScenario.make(seed: 7)))
    var other = RandomScenario.make(seed: 7)
    other.seed = 8
    #expect(one != Simulator.run(other))
  }

  @Test(arguments: 0..<10)
  func `thirty random scenarios each hold the invariants`(_ batch: Int) {
    for seed in UInt64(batch * 30)..<UInt64(batch * 30 + 30) {
      #expect(RandomScenario.check(seed: seed) == nil)
    }
  }

  @Test func `requests arrive at the rate of each step, and in between on ramps`() {
    var stream = ArrivalStream(
      Scenario(
        duration: .seconds(40),
        arrivals: Arrivals(
          steps: [
            .init(rate: 100), .init(at: .seconds(10), rate: 0), .init(at: .seconds(20), rate: 200),
            .init(at: .seconds(30), rate: 200, isRamp: true), .init(at: .seconds(40), rate: 0),
          ], process: .uniform), servers: []))
    var counts = [0, 0, 0, 0]
    var last = TimeSpan.zero
    while let arrival = stream.next() {
      #expect(arrival.at >= last)
      last = arrival.at
      counts[Int(arrival.at.seconds) / 10] += 1
    }
    #expect(abs(counts[0] - 1_000) <= 1 && counts[1] <= 1)
    #expect(abs(counts[2] - 2_000) <= 1 && abs(counts[3] - 1_000) <= 15)
  }

  @Test(arguments: [
    ServiceTime.Distribution.constant, .exponential, .logNormal(sigma: 0.8), .pareto(shape: 3),
    .recorded([.milliseconds(5), .milliseconds(15)]),
  ])
  func `service times have their mean`(_ distribution: ServiceTime.Distribution) {
    var random = SeededRandom(seed: 3)
    let time = ServiceTime(distribution, mean: .milliseconds(10))
    let sum = (0..<100_000).reduce(0.0) { sum, _ in sum + time.draw(&random).seconds }
    #expect(abs(sum / 100_000 - 0.010) < 0.000_3)
  }

  @Test func `events come in the order of their times, and of their planning at one time`() {
    var heap = EventHeap()
    var random = SeededRandom(seed: 1)
    for number in 0..<1_000 {
      heap.schedule(
        .check(server: Int32(number)), at: Instant(nanoseconds: UInt64(random.below(50))))
    }
    var last: (time: Instant, order: UInt64) = (.zero, 0)
    while let entry = heap.next() {
      #expect((last.time, last.order) < (entry.time, entry.order))
      last = (entry.time, entry.order)
    }
    #expect(heap.isEmpty)
  }

  @Test func `an uneven population has its most frequent client twice as often as the next`() {
    let zipf = ZipfDistribution(count: 100, exponent: 1)
    var random = SeededRandom(seed: 5)
    var counts = [Int](repeating: 0, count: 100)
    for _ in 0..<100_000 { counts[zipf.draw(&random)] += 1 }
    #expect(abs(Double(counts[0]) / Double(counts[1]) - 2) < 0.1)
    #expect(counts.allSatisfy { $0 > 0 })
  }

  @Test func `the recommendation is the simplest of those that are as good`() {
    let comparison = Comparison.run(Scenarios.equal(.leastTime))
    #expect(comparison.recommendation.algorithm == "round-robin")
    #expect(comparison.reports.count == 8)
    let stall = Comparison.run(Scenarios.stall(.roundRobin))
    #expect(stall.recommendation.algorithm == "least-time")
  }

  @Test func `a trace's requests come when they came`() {
    var scenario = Scenarios.equal(.roundRobin)
    scenario.arrivals.process = .trace(
      (0..<50).map {
        TracedRequest(at: .milliseconds(Int64($0) * 20), key: 1, isIdempotent: true)
      })
    scenario.duration = .seconds(1)
    let report = Simulator.run(scenario)
    #expect(report.requests == 50 && report.seconds.first?.arrived == 50)
  }
}
