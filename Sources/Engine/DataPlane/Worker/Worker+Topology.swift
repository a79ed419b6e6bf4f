import Balancing
import EventLoop
import Primitives
import Proxying
import Topology

/// From one topology to the next.
extension Worker {
  /// Takes over a topology. What it doesn't change isn't touched: connections, counters, queues.
  mutating func adopt(_ snapshot: TopologySnapshot) {
    self.snapshot = snapshot
    listenerPlaces = []
    for (place, listener) in snapshot.listeners.enumerated() {
      while listenerPlaces.count <= listener.id.index { listenerPlaces.append(-1) }
      listenerPlaces[listener.id.index] = place
    }
    for index in listeners.indices { setPolicy(index) }
    sessionServices = snapshot.services.filter { $0.stickiness != nil }.map(\.id.index)
    var unhealthy: [Int] = []
    var isNamed = [Bool](repeating: false, count: servers.count)
    var isOffered = [Bool](repeating: false, count: services.count)
    for service in snapshot.services {
      while services.count <= service.id.index {
        services.append(ServiceState(id: ServiceID(services.count)))
        isOffered.append(false)
      }
      isOffered[service.id.index] = true
      for server in service.servers {
        while servers.count <= server.id.index {
          servers.append(ServerState())
          loads.append(ServerLoad())
          isNamed.append(false)
        }
        isNamed[server.id.index] = true
        servers[server.id.index].service = service.id.index
        servers[server.id.index].name = Array(server.name.utf8)
        setAddress(server)
        setSecurity(server, service)
        let isUnhealthy = server.health == .unhealthy
        if isUnhealthy, !servers[server.id.index].isUnhealthy { unhealthy.append(server.id.index) }
        servers[server.id.index].isUnhealthy = isUnhealthy
      }
      services[service.id.index].adopt(service, workers: workers, loads: &loads, now: now)
      if services[service.id.index].waiting.count > 0 { admissions.append(service.id.index) }
      for server in service.servers {
        servers[server.id.index].waiting.adopt(services[service.id.index].limits)
        if servers[server.id.index].waiting.count > 0 { serverAdmissions.append(server.id.index) }
      }
    }
    for index in services.indices where !isOffered[index] {
      services[index].balancer = nil
      if services[index].waiting.count > 0 { admissions.append(index) }
    }
    for index in servers.indices where !isNamed[index] {
      removeAddress(index)
      if servers[index].waiting.count > 0 { serverAdmissions.append(index) }
    }
    if !unhealthy.isEmpty { leave(unhealthy) }
  }

  /// Requests that wait for an answer of a server that just turned unhealthy are tried elsewhere
  /// where that is safe: they would wait for their timeout.
  private mutating func leave(_ unhealthy: [Int]) {
    for client in 0..<clients.extent where clients.isUsed(client) {
      guard clients[client].phase == .exchange, let upstream = clients[client].request.upstream,
        unhealthy.contains(upstreams[upstream].server)
      else { continue }
      report(client, .serverUnhealthy)
    }
  }

  private mutating func setAddress(_ server: Server) {
    let index = server.id.index
    servers[index].isNew = server.isNew
    guard servers[index].address != server.address else { return }
    removeAddress(index)
    servers[index].address = server.address
  }

  /// Connections under way go on; idle ones are of no more use.
  private mutating func removeAddress(_ server: Int) {
    guard servers[server].address != nil else { return }
    dropIdle(server)
    servers[server].address = nil
    servers[server].resumption = nil
    leaveServerSessions(of: server)
    forgive(server)
  }

  /// Connections to the server from here on are other ones; those that are at work end with it.
  mutating func dropIdle(_ server: Int) {
    while let idle = servers[server].firstIdle { closeIdle(idle) }
    servers[server].addressVersion &+= 1
  }
}
