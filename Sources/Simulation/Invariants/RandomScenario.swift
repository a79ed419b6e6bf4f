import Failover
import Primitives
import Topology

/// Short scenarios, each wholly made of its seed, and what became of them.
public enum RandomScenario {
  /// A seed that broke an invariant.
  public struct Failure: Sendable, Equatable {
    public var seed: UInt64
    public var algorithm: String
    public var violations: [String]
  }

  /// - Returns: nil when all invariants held.
  public static func check(seed: UInt64) -> Failure? {
    let scenario = make(seed: seed)
    let simulator = Simulator(scenario, watch: InvariantWatch(scenario))
    simulator.runToEnd()
    guard let violations = simulator.watch?.violations, !violations.isEmpty else { return nil }
    return Failure(
      seed: seed, algorithm: scenario.service.algorithm.displayName, violations: violations)
  }

  public static func make(seed: UInt64) -> Scenario {
    var random = SeededRandom(seed: seed)
    let size = 1 + random.below(12)
    let mean = TimeSpan.milliseconds(Int64(1 + random.below(20)))
    let isWeighted = random.below(2) == 0
    let hasTiers = random.below(5) == 0
    let hasZones = random.below(5) == 0
    var servers = ServerModel.fleet(
      size,
      ServerModel(
        name: "", concurrency: random.below(5) == 0 ? 0 : 1 + random.below(8),
        time: ServiceTime(distribution(&random), mean: mean), backlog: 4 + random.below(60)))
    for place in servers.indices {
      if isWeighted { servers[place].weight = random.below(12) == 0 ? 0 : 1 + random.below(10) }
      if hasTiers { servers[place].priority = random.below(3) }
      if hasZones { servers[place].isLocal = random.below(2) == 0 }
    }
    var scenario = Scenario(
      name: "random \(seed)", seed: seed,
      duration: .milliseconds(Int64(500 + random.below(20_000))), servers: servers)
    let requests = 100 + random.below(400)
    scenario.arrivals = Arrivals(
      rate: Double(requests) / scenario.duration.seconds,
      process: random.below(2) == 0 ? .poisson : .uniform)
    scenario.keys = KeyPopulation(count: 1 + random.below(300), zipf: random.fraction() * 1.5)
    scenario.clientTimeout = .milliseconds(Int64(50 + random.below(5_000)))
    scenario.idempotentShare = random.below(3) == 0 ? random.fraction() : 1
    scenario.workers = random.below(3) == 0 ? 1 + random.below(4) : 1
    scenario.service = service(&random)
    if random.below(10) == 0 { standBy(&scenario, &random) }
    // Every third is calm, so that shares can be held to the weights.
    if random.below(3) > 0 {
      scenario.faults = faults(scenario, &random)
      scenario.scaling = scaling(scenario, &random)
    }
    return scenario
  }

  private static func distribution(_ random: inout SeededRandom) -> ServiceTime.Distribution {
    switch random.below(4) {
    case 0: .constant
    case 1: .exponential
    case 2: .logNormal(sigma: 0.2 + random.fraction())
    default: .pareto(shape: 1.5 + 2 * random.fraction())
    }
  }

  private static func algorithm(_ random: inout SeededRandom) -> BalanceAlgorithm {
    switch random.below(10) {
    case 0: .roundRobin
    case 1: .random
    case 2: .powerOfTwo
    case 3: .leastConnections
    case 4, 5: .leastTime
    case 6: .aggregateLoad
    case 7: .first
    default: .hash(hash(&random))
    }
  }

  private static func hash(_ random: inout SeededRandom) -> HashPolicy {
    let methods: [HashPolicy.Method] = [.ring, .rendezvous, .maglev]
    return HashPolicy(
      method: methods[random.below(methods.count)],
      boundedLoad: random.below(2) == 0 ? 1 + random.fraction() : nil)
  }

  private static func service(_ random: inout SeededRandom) -> ServicePlan {
    var service = ServicePlan(algorithm: algorithm(&random))
    if random.below(6) == 0 {
      let stickiness: [Stickiness] = [
        .inserted(cookie: [], age: .zero), .learned(cookie: [], expiry: .seconds(5)),
        .source(expiry: .seconds(2)),
      ]
      service.stickiness = stickiness[random.below(stickiness.count)]
    }
    service.ejection.failures = random.below(8)
    service.ejection.time = .milliseconds(Int64(200 + random.below(5_000)))
    service.ejection.maxShare = random.fraction()
    service.slowStart = random.below(2) == 0 ? .zero : .milliseconds(Int64(random.below(8_000)))
    service.panicThreshold = random.below(3) == 0 ? random.fraction() : 0.5
    service.retries.attempts = random.below(4)
    service.retries.onGatewayError = random.below(2) == 0
    service.retries.budget = random.fraction() * 0.5
    if random.below(3) == 0 {
      service.retries.perTryTimeout = .milliseconds(Int64(20 + random.below(500)))
    }
    if random.below(4) == 0 {
      service.retries.hedgeAfter = .milliseconds(Int64(5 + random.below(100)))
    }
    service.timeouts.connect = .milliseconds(Int64(50 + random.below(3_000)))
    service.timeouts.response = .milliseconds(Int64(100 + random.below(10_000)))
    if random.below(3) == 0 { service.limits.requests = 1 + random.below(12) }
    service.limits.isAdaptive = random.below(4) == 0
    service.limits.queue = random.below(3) == 0 ? random.below(20) : 1_024
    service.limits.queueTimeout = .milliseconds(Int64(20 + random.below(3_000)))
    service.check = [.connect, .connect, .answer, .none][random.below(4)]
    return service
  }

  private static func standBy(_ scenario: inout Scenario, _ random: inout SeededRandom) {
    scenario.service.algorithm = .first
    scenario.service.stickiness = nil
    scenario.service.standby = StandbyPolicy(
      switchBack: random.below(2) == 0 ? .never : .whenHealthy,
      after: .milliseconds(Int64(random.below(5_000))))
    scenario.promotion = PromotionModel(
      time: .milliseconds(Int64(random.below(2_000))), failures: random.fraction() / 2)
    for place in scenario.servers.indices {
      scenario.servers[place].weight = 1
      scenario.servers[place].priority = 0
      scenario.servers[place].isLocal = true
    }
  }

  private static func faults(_ scenario: Scenario, _ random: inout SeededRandom) -> [Fault] {
    let names = scenario.servers.map(\.name)
    return (0..<random.below(5)).map { _ in
      let hit = random.below(6) == 0 ? names : [names[random.below(names.count)]]
      let at = scenario.duration.scaled(by: random.fraction())
      let length = scenario.duration.scaled(by: 0.02 + random.fraction() / 2)
      return Fault(at: at, length: length, servers: hit, kind: kind(&random))
    }
  }

  private static func kind(_ random: inout SeededRandom) -> Fault.Kind {
    switch random.below(7) {
    case 0: .kill
    case 1: .stall(time: nil)
    case 2: .stall(time: .milliseconds(Int64(50 + random.below(3_000))))
    case 3: .slow(factor: 2 + random.fraction() * 20)
    case 4: .errors(share: random.fraction())
    case 5:
      .flap(
        down: .milliseconds(Int64(20 + random.below(1_000))),
        up: .milliseconds(Int64(20 + random.below(1_000))))
    default: .loss(share: random.fraction())
    }
  }

  private static func scaling(
    _ scenario: Scenario, _ random: inout SeededRandom
  ) -> [ScalingStep] {
    guard random.below(3) == 0 else { return [] }
    return (0..<1 + random.below(2)).map { _ in
      ScalingStep(
        at: scenario.duration.scaled(by: random.fraction()), add: random.below(3),
        remove: random.below(max(1, scenario.servers.count)))
    }
  }
}
