import Configuration
import Faults
import Primitives
import Topology

extension TopologyBuilder {
  static func service(
    _ settings: ServiceSettings, _ input: TopologyInput, identities: inout IdentityRegistry
  ) -> Service {
    let servers = servers(of: settings, input, identities: &identities)
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
      coldStart: settings.scale.flatMap { $0.minimum == 0 ? $0.coldStart : nil })
  }

  private static func servers(
    of service: ServiceSettings, _ input: TopologyInput, identities: inout IdentityRegistry
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
        stickyToken: hasTokens ? input.sessionToken(key) : [])
    }
  }

  /// What an operator set, or the file; times what an agent says. Weights matter only against one
  /// another, so percent are made whole by multiplying all, and then shortened to small numbers.
  private static func weights(
    of servers: [ServerSettings], _ conditions: [ServerCondition]
  ) -> [Int] {
    let weights = zip(servers, conditions).map { $1.weight ?? $0.weight }
    guard conditions.contains(where: { $0.agentWeight != nil }) else { return weights }
    let scaled = zip(weights, conditions).map { $0 * min(max($1.agentWeight ?? 100, 0), 100) }
    let divisor = scaled.reduce(0, greatestCommonDivisor)
    return divisor > 1 ? scaled.map { $0 / divisor } : scaled
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
