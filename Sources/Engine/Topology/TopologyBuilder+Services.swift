import Configuration
import Faults
import Primitives
import Scaling
import Topology

extension TopologyBuilder {
  static func service(
    _ settings: ServiceSettings, _ input: TopologyInput, identities: inout IdentityRegistry
  ) -> Service {
    let shift = input.shifts[settings.name]
    let servers = servers(of: settings, shift, input, identities: &identities)
    let decision = BalanceDecision(settings, servers: servers.count)
    // With one active server there is no weight to grow into.
    let slowStart = settings.standby == nil ? settings.slowStart : .zero
    return Service(
      id: identities.service(settings.name), name: settings.name,
      proxyHeader: settings.proxyHeader,
      algorithm: BalanceAlgorithm(decision.balance), servers: servers,
      stickiness: settings.sticky.map(Stickiness.init),
      ejection: EjectionPolicy(settings.ejection), slowStart: slowStart,
      panicThreshold: settings.panic, retries: RetryPolicy(settings.retries),
      timeouts: Timeouts(settings.timeouts), limits: Limits(settings.limits),
      compression: CompressionPolicy(settings.compression ?? input.settings.compression),
      security: settings.tls.map(ServerSecurity.init),
      isMultiplexed: settings.protocol.isMultiplexed,
      coldStart: settings.scale.flatMap { $0.policy.minimum == 0 ? $0.coldStart : nil },
      shift: shift.flatMap { shift in
        shift.share.map { VersionShift(share: $0, match: shift.match, servers: servers) }
      })
  }

  private static func servers(
    of service: ServiceSettings, _ shift: TrafficShift?, _ input: TopologyInput,
    identities: inout IdentityRegistry
  ) -> [Server] {
    let all = input.servers(of: service)
    let keys = all.map { ServerName(service: service.name, server: $0.name) }
    let conditions = keys.map { input.condition(of: $0) }
    let weights = weights(of: all, conditions)
    let hasTokens = if case .inserted? = service.sticky { true } else { false }
    return all.indices.map { index in
      let (server, key, condition) = (all[index], keys[index], conditions[index])
      return Server(
        id: identities.server(key), name: server.name, address: server.address,
        weight: weights[index], priority: service.standby == nil ? server.priority : 0,
        isLocal: isLocal(server, to: input.settings.zone),
        availability: condition.effectiveAvailability,
        health: service.health.isWatched ? condition.health : .healthy,
        healthySince: condition.healthySince,
        isStandby: service.standby != nil && condition.isStandby ?? true,
        stickyToken: hasTokens ? input.sessionToken(key) : [],
        isNew: shift?.servers.contains(server.name) ?? false)
    }
  }

  /// What an operator set, or the file; times what an agent says, and what the tuning found where no
  /// operator set one. Weights matter only against one another, so percent are made whole by multiplying
  /// all, and then shortened to small numbers.
  private static func weights(
    of servers: [ServerSettings], _ conditions: [ServerCondition]
  ) -> [Int] {
    var weights = zip(servers, conditions).map { $1.weight ?? $0.weight }
    func multiply(_ percent: (ServerCondition) -> Int?) {
      guard conditions.contains(where: { percent($0) != nil }) else { return }
      weights = zip(weights, conditions).map { $0 * (percent($1) ?? 100) }
    }
    multiply { $0.agentWeight.map { min(max($0, 0), 100) } }
    multiply { $0.weight == nil ? $0.tunedWeight.map { min(max($0, 1), 1_000) } : nil }
    let divisor = weights.reduce(0, greatestCommonDivisor)
    let isScaled = conditions.contains { $0.agentWeight != nil || $0.tunedWeight != nil }
    return isScaled && divisor > 1 ? weights.map { $0 / divisor } : weights
  }

  private static func greatestCommonDivisor(_ first: Int, _ second: Int) -> Int {
    var (larger, smaller) = (first, second)
    while smaller != 0 { (larger, smaller) = (smaller, larger % smaller) }
    return larger
  }

  private static func isLocal(_ server: ServerSettings, to zone: String?) -> Bool {
    guard let zone, let other = server.zone else { return true }
    return zone == other
  }
}
