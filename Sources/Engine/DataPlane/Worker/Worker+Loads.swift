import Balancing
import Primitives
import Topology

/// What this loop's own traffic says of servers.
extension Worker {
  mutating func began(_ client: Int, _ server: Int) {
    loads[server].began(now)
    guard let service = clients[client].request.service else { return }
    services[service.id.index].balancer?.loadChanged(server, loads: loads)
  }

  /// A connection ends its work for a client.
  mutating func leave(_ client: Int, _ upstream: Int) {
    let server = upstreams[upstream].server
    if !upstreams[upstream].isJudged { loads[server].breaker.abandoned(now) }
    ended(client, server)
  }

  private mutating func ended(_ client: Int, _ server: Int) {
    loads[server].ended()
    guard let service = clients[client].request.service else { return }
    services[service.id.index].balancer?.loadChanged(server, loads: loads)
    if services[service.id.index].waiting.count > 0 { admissions.append(service.id.index) }
  }

  /// Whether one more of the service's servers may be left out.
  func mayEject(_ service: Service) -> Bool {
    services[service.id.index].balancer?.mayEject(loads: loads, now: now) ?? false
  }

  /// Tells the control plane, which tells the other workers.
  func tell(_ server: Int, _ change: CircuitBreaker.Change) {
    notices(.breakerChanged(ServerID(server), change))
  }
}
