import Balancing
import EventLoop
import Primitives
import Topology

/// What the control plane says, and what it is told.
extension Worker {
  mutating func takeMessages() {
    for message in mailbox.takeAll() {
      switch message {
      case .topology(let snapshot): adopt(snapshot)
      case .listen(let id, let descriptor): listen(id, descriptor)
      case .unlisten(let id): unlisten(id)
      case .report(let reply): reply(makeReport())
      case .forgive(let server):
        if server.index < loads.count { loads[server.index].forgive() }
      case .drain(let span): beginDraining(span)
      case .reopenAccessLog: accessLog?.reopen()
      }
    }
  }

  /// Takes over a topology. What it doesn't change isn't touched: connections, counters, queues.
  private mutating func adopt(_ snapshot: TopologySnapshot) {
    self.snapshot = snapshot
    listenerPlaces = []
    for (place, listener) in snapshot.listeners.enumerated() {
      while listenerPlaces.count <= listener.id.index { listenerPlaces.append(-1) }
      listenerPlaces[listener.id.index] = place
    }
    var isNamed = [Bool](repeating: false, count: servers.count)
    var isOffered = [Bool](repeating: false, count: services.count)
    for service in snapshot.services {
      while services.count <= service.id.index {
        services.append(ServiceState(id: ServiceID(services.count)))
        isOffered.append(false)
      }
      isOffered[service.id.index] = true
      services[service.id.index].adopt(service, workers: workers)
      for server in service.servers {
        while servers.count <= server.id.index {
          servers.append(ServerState())
          loads.append(ServerLoad())
          isNamed.append(false)
        }
        isNamed[server.id.index] = true
        servers[server.id.index].name = Array(server.name.utf8)
        setAddress(server)
      }
      if !services[service.id.index].waiting.isEmpty { admissions.append(service.id.index) }
    }
    for index in services.indices where !isOffered[index] {
      services[index].balancer = nil
      if !services[index].waiting.isEmpty { admissions.append(index) }
    }
    for index in servers.indices where !isNamed[index] { removeAddress(index) }
  }

  private mutating func setAddress(_ server: Server) {
    let index = server.id.index
    guard servers[index].address != server.address else { return }
    removeAddress(index)
    servers[index].address = server.address
  }

  /// Connections under way go on; idle ones are of no more use.
  private mutating func removeAddress(_ server: Int) {
    guard servers[server].address != nil else { return }
    while let idle = servers[server].firstIdle { closeIdle(idle) }
    servers[server].address = nil
    servers[server].addressVersion &+= 1
    loads[server].forgive()
  }

  private mutating func beginDraining(_ span: TimeSpan) {
    guard drainDeadline == nil else { return }
    for index in listeners.indices {
      if let descriptor = listeners[index].descriptor {
        poller.forget(descriptor)
        StreamSocket.close(descriptor)
        listeners[index].descriptor = nil
      }
    }
    drainDeadline = now + span
    closeIdleClients { _ in true }
  }

  private func makeReport() -> WorkerReport {
    var states: [WorkerReport.ServerCounters] = []
    for index in servers.indices {
      states.append(
        .init(
          id: ServerID(index), inflight: loads[index].inflight,
          openConnections: loads[index].openConnections, isAvoided: loads[index].isAvoided(now),
          ejections: loads[index].ejections,
          requests: servers[index].requests, failures: servers[index].failures,
          codes: servers[index].codes.counts))
    }
    return WorkerReport(
      worker: number,
      listeners: listeners.map { .init(id: $0.id, open: $0.open, accepted: $0.accepted) },
      series: statistics.report(), services: services.map(\.counters), servers: states,
      lostLogLines: accessLog?.lostLines ?? 0)
  }
}
