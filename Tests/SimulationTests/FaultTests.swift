import Failover
import Primitives
import Simulation
import Testing
import Topology

/// Fleets of one to five servers, one of which fails in each of the ways that there are.
@Suite struct FaultTests {
  static let kinds: [Fault.Kind] = [
    .kill, .stall(time: nil), .errors(share: 1), .flap(down: .seconds(1), up: .seconds(2)),
  ]

  @Test(arguments: kinds, [2, 3, 5])
  func `clients of an idempotent service hardly notice one server's fault`(
    _ kind: Fault.Kind, _ size: Int
  ) throws {
    let report = Simulator.run(Scenarios.fault(kind, size: size))
    let fault = try #require(report.faults.first)
    #expect(report.success >= 0.999, "\(report.errors)")
    #expect(report.falseEjections == 0 && report.falseAlarms == 0)
    // Trials of a server that errs go on; what it costs is a try, which is made again elsewhere.
    #expect(fault.requests < report.requests / 20)
  }

  @Test(arguments: kinds)
  func `the only server is never left out for good`(_ kind: Fault.Kind) throws {
    let report = Simulator.run(Scenarios.fault(kind, size: 1))
    // Well again within the breaker's longest avoidance and two checks.
    for second in report.seconds.dropFirst(21).prefix(4) {
      #expect(second.succeeded > 0 && second.failed == 0)
    }
    #expect(report.ejections == 0)
  }

  @Test func `without faults nothing is ejected, however late answers are`() {
    var scenario = Scenarios.fault(.slow(factor: 30), size: 3)
    scenario.clientTimeout = .seconds(10)
    let report = Simulator.run(scenario)
    #expect(report.ejections == 0 && report.failed == 0)
  }

  @Test func `a standby takes over from the active server, and gives back as the policy says`() {
    var scenario = Scenarios.fault(.kill, size: 3)
    scenario.service.algorithm = .first
    scenario.service.standby = StandbyPolicy(switchBack: .whenHealthy, after: .seconds(3))
    let report = Simulator.run(scenario)
    #expect(report.promotions == 2)
    #expect(report.servers[1].requests > 400 && report.servers[2].requests == 0)
    #expect(report.servers[0].requests > 1_000)
    // What came before the checks were sure is lost; while nobody is active requests wait.
    #expect(report.success > 0.9)
    #expect(report.seconds.last(where: { $0.arrived > 0 })?.failed == 0)
  }

  @Test func `a server that was added takes its share after its first check`() throws {
    var scenario = Scenarios.equal(.roundRobin)
    scenario.scaling = [ScalingStep(at: .seconds(5), add: 1)]
    let report = Simulator.run(scenario)
    let added = try #require(report.servers.last)
    #expect(added.name == "s6" && added.requests > 0)
    #expect(report.failed == 0)
  }

  @Test func `servers that leave finish what they have`() {
    var scenario = Scenarios.equal(.leastConnections)
    scenario.scaling = [ScalingStep(at: .seconds(5), remove: 3)]
    #expect(Simulator.run(scenario).failed == 0)
  }
}
