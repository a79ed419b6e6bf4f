import Primitives
import Simulation
import Testing
import Topology

/// The published comparisons with a tenth of their requests, and bounds to match; the whole ones
/// run from `Examples/simulations` against the release binary.
@Suite struct PublishedScenarioTests {
  @Test(arguments: [1, 2, 3] as [UInt64])
  func `least-time loses a tenth of what round robin loses to a server that stalls`(
    _ seed: UInt64
  ) {
    let even = Simulator.run(Scenarios.stall(.roundRobin, seed: seed))
    let report = Simulator.run(Scenarios.stall(.leastTime, seed: seed))
    #expect(even.success > 0.93 && even.success < 0.97)
    #expect(report.failed * 10 <= even.failed)
    #expect(report.falseEjections == 0)
  }

  @Test func `a slow server costs a fifth of the latency that it costs under round robin`() {
    let even = Simulator.run(Scenarios.slow(.roundRobin))
    let report = Simulator.run(Scenarios.slow(.leastTime))
    #expect(even.latency.p99.seconds >= 5 * report.latency.p99.seconds)
    for server in report.servers.dropLast() { #expect(server.ofFairShare > 0.5) }
  }

  @Test(arguments: Scenarios.algorithms)
  func `five equal servers get equal shares`(_ algorithm: BalanceAlgorithm) {
    let report = Simulator.run(Scenarios.equal(algorithm))
    for server in report.servers { #expect(abs(server.ofFairShare - 1) < 0.1) }
    #expect(report.fairness > 0.99)
    #expect(report.failed == 0)
  }

  @Test(arguments: [(HashPolicy.Method.ring, 0.013), (.maglev, 0.04), (.rendezvous, 0.0001)])
  func `one of twenty servers leaves and hardly any other client moves`(
    _ method: HashPolicy.Method, _ bound: Double
  ) throws {
    let report = Simulator.run(Scenarios.remap(method))
    let remap = try #require(report.scaling.first)
    #expect(remap.clients > 800 && remap.hadToMove > 0)
    #expect(Double(remap.moved - remap.hadToMove) <= bound * Double(remap.clients))
  }

  @Test(arguments: [BalanceAlgorithm.roundRobin, .leastConnections, .leastTime])
  func `a retry storm ends by itself within five seconds`(_ algorithm: BalanceAlgorithm) {
    let report = Simulator.run(Scenarios.storm(algorithm))
    #expect(report.amplification <= 1.2)
    for second in report.seconds.dropFirst(15) { #expect(second.failed == 0) }
    #expect(report.retries > 0)
  }

  @Test func `three times too many requests leave the servers at work, and it ends with its cause`()
  {
    let report = Simulator.run(Scenarios.overload())
    let during = report.seconds[6..<14].reduce(0) { $0 + $1.succeeded }
    // Four places at 20 ms each.
    #expect(Double(during) >= 0.8 * 8 * 200)
    for second in report.seconds.dropFirst(18) { #expect(second.failed == 0) }
    #expect(report.ejections == 0)
  }
}
