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
      name: "stall", seed: seed, duration: .seconds(20), arrivals: Arrivals(rate: 300),
      servers: ServerModel.fleet(11, ServerModel(name: "", concurrency: 0)))
    scenario.service.algorithm = algorithm
    scenario.faults = [
      Fault(
        at: .seconds(5), length: .seconds(10), servers: ["s3"], kind: .stall(time: .seconds(2)))
    ]
    return scenario
  }

  /// Ten servers, one of which is ten times slower.
  static func slow(_ algorithm: BalanceAlgorithm, seed: UInt64 = 1) -> Scenario {
    var scenario = Scenario(
      name: "slow", seed: seed, duration: .seconds(10), arrivals: Arrivals(rate: 700),
      clientTimeout: .seconds(10),
      servers: ServerModel.fleet(10, ServerModel(name: "", concurrency: 8)))
    scenario.servers[9].time.mean = .milliseconds(100)
    scenario.service.algorithm = algorithm
    return scenario
  }

  static func equal(_ algorithm: BalanceAlgorithm, seed: UInt64 = 1) -> Scenario {
    var scenario = Scenario(
      name: "equal", seed: seed, duration: .seconds(10), arrivals: Arrivals(rate: 500),
      servers: ServerModel.fleet(
        5, ServerModel(name: "", time: ServiceTime(.logNormal(sigma: 0.5)))))
    scenario.service.algorithm = algorithm
    return scenario
  }

  /// At 80 % of what the servers can do, one answer of three is an error for five seconds, and all
  /// errors are tried again as far as the budget goes.
  static func storm(_ algorithm: BalanceAlgorithm, seed: UInt64 = 1) -> Scenario {
    var scenario = Scenario(
      name: "storm", seed: seed, duration: .seconds(18), arrivals: Arrivals(rate: 400),
      servers: ServerModel.fleet(5, ServerModel(name: "", concurrency: 1)))
    scenario.service.algorithm = algorithm
    scenario.service.retries.onGatewayError = true
    scenario.service.retries.attempts = 3
    scenario.faults = [
      Fault(
        at: .seconds(5), length: .seconds(5), servers: scenario.servers.map(\.name),
        kind: .errors(share: 0.3))
    ]
    return scenario
  }

  static func remap(_ method: HashPolicy.Method) -> Scenario {
    var scenario = Scenario(
      name: "remap", duration: .seconds(12), arrivals: Arrivals(rate: 800),
      keys: KeyPopulation(count: 1_000),
      servers: ServerModel.fleet(20, ServerModel(name: "", concurrency: 0)))
    scenario.service.algorithm = .hash(HashPolicy(method: method))
    scenario.scaling = [ScalingStep(at: .seconds(6), remove: 1)]
    return scenario
  }

  /// Three times what the servers can do for ten seconds, with limits that follow the latency.
  static func overload() -> Scenario {
    var scenario = Scenario(
      name: "overload", duration: .seconds(22),
      arrivals: Arrivals(steps: [
        .init(rate: 150), .init(at: .seconds(5), rate: 600), .init(at: .seconds(15), rate: 150),
      ]),
      servers: ServerModel.fleet(
        4, ServerModel(name: "", concurrency: 1, time: ServiceTime(mean: .milliseconds(20)))))
    scenario.service.algorithm = .leastTime
    scenario.service.limits = Limits(
      queue: 64, queueTimeout: .milliseconds(500), isAdaptive: true)
    return scenario
  }

  /// One server of a small fleet is ill for ten seconds; its checks want an answer.
  static func fault(_ kind: Fault.Kind, size: Int) -> Scenario {
    var scenario = Scenario(
      name: "fault", duration: .seconds(26), arrivals: Arrivals(rate: 100),
      clientTimeout: .seconds(3),
      servers: ServerModel.fleet(size, ServerModel(name: "", concurrency: 16)))
    scenario.service.check = .answer
    scenario.service.retries = RetryPolicy(
      attempts: 2, onGatewayError: true, perTryTimeout: .milliseconds(500))
    scenario.faults = [
      Fault(at: .seconds(5), length: .seconds(10), servers: ["s1"], kind: kind)
    ]
    return scenario
  }
}
