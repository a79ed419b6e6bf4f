import Primitives
import Topology

@testable import Simulation

/// The scenarios of published comparisons, in code.
enum Scenarios {
  static let algorithms: [BalanceAlgorithm] = [
    .roundRobin, .random, .powerOfTwo, .leastConnections, .leastTime, .aggregateLoad,
  ]

  /// Eleven servers, 1,000 requests a second, one of them takes 2 s for half a minute
  /// (Buoyant, "Beyond Round Robin: Load Balancing for Latency", 2016).
  static func stall(_ algorithm: BalanceAlgorithm, seed: UInt64 = 1) -> Scenario {
    var scenario = Scenario(
      name: "stall", seed: seed,
      servers: ServerModel.fleet(11, ServerModel(name: "", concurrency: 0)))
    scenario.service.algorithm = algorithm
    scenario.faults = [
      Fault(
        at: .seconds(15), length: .seconds(30), servers: ["s3"], kind: .stall(time: .seconds(2)))
    ]
    return scenario
  }

  /// Ten servers, one of which is ten times slower.
  static func slow(_ algorithm: BalanceAlgorithm, seed: UInt64 = 1) -> Scenario {
    var scenario = Scenario(
      name: "slow", seed: seed, arrivals: Arrivals(rate: 1_000), clientTimeout: .seconds(10),
      servers: ServerModel.fleet(10, ServerModel(name: "", concurrency: 8)))
    scenario.servers[4].time.mean = .milliseconds(100)
    scenario.service.algorithm = algorithm
    return scenario
  }

  static func equal(_ algorithm: BalanceAlgorithm, seed: UInt64 = 1) -> Scenario {
    var scenario = Scenario(
      name: "equal", seed: seed, servers: ServerModel.fleet(5, ServerModel(name: "")))
    scenario.service.algorithm = algorithm
    return scenario
  }

  /// At 80 % of what the servers can do, one answer of three is an error for ten seconds, and all
  /// errors are tried again as far as the budget goes.
  static func storm(_ algorithm: BalanceAlgorithm, seed: UInt64 = 1) -> Scenario {
    var scenario = Scenario(
      name: "storm", seed: seed, duration: .seconds(40), arrivals: Arrivals(rate: 3_200),
      servers: ServerModel.fleet(5, ServerModel(name: "", concurrency: 8)))
    scenario.service.algorithm = algorithm
    scenario.service.retries.onGatewayError = true
    scenario.service.retries.attempts = 3
    scenario.faults = [
      Fault(
        at: .seconds(10), length: .seconds(10), servers: scenario.servers.map(\.name),
        kind: .errors(share: 0.3))
    ]
    return scenario
  }
}
