import Configuration
import Faults
import HealthChecking
import Primitives
import Topology

/// How one server is watched.
struct WatchPlan: Sendable, Equatable {
  struct Agent: Sendable, Equatable {
    var address: SocketAddress
    var policy: AgentPolicy
  }

  var target: CheckTarget
  var policy: HealthPolicy
  var agent: Agent?

  init(
    _ name: ServerName, at address: SocketAddress, _ health: HealthSettings,
    proxyHeader: ProxyHeaderVersion? = nil, isMultiplexed: Bool = false
  ) {
    target = CheckTarget(
      name: name, address: address, check: health.check, timeout: health.timeout,
      proxyHeader: proxyHeader, isMultiplexed: isMultiplexed)
    policy = HealthPolicy(
      interval: health.interval, timeout: health.timeout, rise: health.rise, fall: health.fall)
    agent = health.agent.flatMap { agent in
      address.withPort(agent.port).map {
        Agent(
          address: $0,
          policy: AgentPolicy(
            interval: agent.interval, timeout: health.timeout, fall: health.fall,
            isAlone: health.check == .none))
      }
    }
  }
}

extension SocketAddress {
  /// The same host at another port; nil for a path, which has no host.
  fileprivate func withPort(_ port: UInt16) -> SocketAddress? {
    switch self {
    case .ipv4(let address, _): .ipv4(address: address, port: port)
    case .ipv6(let high, let low, _): .ipv6(high: high, low: low, port: port)
    case .unix: nil
    }
  }
}
