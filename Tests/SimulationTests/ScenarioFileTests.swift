import Configuration
import Failover
import Primitives
import Simulation
import Testing
import Topology

@Suite struct ScenarioFileTests {
  func read(_ text: String) -> ScenarioOutcome {
    ScenarioFile.load(ConfigurationSource(path: "a/case.yaml", text: text), folder: "/")
  }

  func scenario(_ text: String) throws -> Scenario {
    switch read(text) {
    case .loaded(let scenario, _): return scenario
    case .refused(let diagnostics):
      return try #require(nil, "\(diagnostics)")
    }
  }

  func refusals(_ text: String) -> [String] {
    guard case .refused(let diagnostics) = read(text) else { return [] }
    return diagnostics.map { "\($0.line): \($0.message)" }
  }

  @Test func `servers alone are a scenario`() throws {
    let scenario = try scenario("servers: [ {} ]")
    #expect(scenario.name == "case" && scenario.seed == 1 && scenario.duration == .seconds(60))
    #expect(scenario.servers.map(\.name) == ["s1"])
    #expect(scenario.service.algorithm == .leastTime)
    #expect(scenario.clientTimeout == .seconds(1) && scenario.networkDelay == .microseconds(100))
  }

  @Test func `groups of servers are counted on, and single ones have their name`() throws {
    let scenario = try scenario(
      """
      zone: a
      servers:
        - { count: 2, weight: 3, time: { distribution: pareto, mean: 20ms, shape: 2 } }
        - { name: old, concurrency: 1, backlog: 5, zone: b, time: 1s }
        - { count: 2 }
      service: { balance: { algorithm: hash, method: ring }, health: { none: {} } }
      faults:
        - { at: 1s, for: 2s, server: [ s1, old ], kind: slow, factor: 3 }
        - { at: 1s, for: 2s, server: all, kind: loss, share: 5% }
      scaling: [ { at: 5s, add: 1 } ]
      """)
    #expect(scenario.servers.map(\.name) == ["s1", "s2", "old", "s3", "s4"])
    #expect(scenario.servers[0].time == ServiceTime(.pareto(shape: 2), mean: .milliseconds(20)))
    #expect(scenario.servers[2].time == ServiceTime(.exponential, mean: .seconds(1)))
    #expect(scenario.servers.map(\.isLocal) == [true, true, false, true, true])
    #expect(scenario.service.algorithm == .hash(HashPolicy(method: .ring)))
    #expect(scenario.service.check == .none)
    #expect(scenario.faults[0].servers == ["s1", "old"])
    #expect(scenario.faults[0].kind == .slow(factor: 3))
    #expect(scenario.faults[1].servers.count == 5)
    #expect(scenario.scaling == [ScalingStep(at: .seconds(5), add: 1)])
  }

  @Test func `mistakes are shown with their line`() {
    let refusals = refusals(
      """
      servers: [ { count: 2 } ]
      faults:
        - { at: 1s, for: 2s, server: s9, kind: kill }
        - { at: 1s, for: 2s, server: s1, kind: kill, factor: 2 }
        - { at: 1s, for: 2s, server: s1, kind: explode }
      service: { balanse: random }
      """)
    #expect(refusals.contains("3: there is no server 's9'"))
    #expect(refusals.contains("4: 'factor' says nothing of the kind 'kill'"))
    #expect(refusals.contains { $0.hasPrefix("5: ") })
    #expect(refusals.contains { $0.hasPrefix("6: ") && $0.contains("balanse") })
  }

  @Test func `a scenario of more work than a machine can do is refused`() {
    let refusals = refusals("servers: [ {} ]\narrivals: 1000000\nduration: 1h")
    #expect(refusals == ["2: these are more than 100000000 requests"])
  }

  @Test func `one active server and its standbys`() throws {
    let scenario = try scenario(
      """
      servers: [ { count: 2 } ]
      service:
        mode: primary-standby
        standby: { switchBack: when-healthy, after: 3s }
      promotion: { time: 1s, failures: 10% }
      """)
    #expect(scenario.service.standby?.switchBack == .whenHealthy)
    #expect(scenario.service.standby?.after == .seconds(3))
    #expect(scenario.promotion == PromotionModel(time: .seconds(1), failures: 0.1))
  }
}
