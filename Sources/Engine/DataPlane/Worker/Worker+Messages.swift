import Balancing
import Compression
import EventLoop
import Primitives
import Topology

/// What the control plane says, and what it is told.
extension Worker {
  mutating func takeMessages() {
    for message in mailbox.takeAll() {
      switch message {
      case .topology(let snapshot, let guards):
        self.guards = guards
        adopt(snapshot)
      case .security(let contexts): secure(contexts)
      case .bans(let addresses): ban(addresses)
      case .listen(let id, let descriptors, let isDatagram):
        listen(id, descriptors, isDatagram: isDatagram)
      case .unlisten(let id): unlisten(id)
      case .report(let withExemplars, let reply): reply(makeReport(withExemplars))
      case .explain(let question, let reply): reply(explain(question))
      case .search(let identifier, let reply): reply(search(identifier))
      case .forgive(let server):
        if server.index < loads.count { forgive(server.index) }
      case .eject(let server, let until):
        if server.index < loads.count { eject(server.index, until: until) }
      case .measured(let server, let cpu, let memory):
        if server.index < loads.count { measured(server.index, cpu: cpu, memory: memory) }
      case .sessions(let entries):
        for entry in entries where entry.service.index < services.count {
          services[entry.service.index].sessions.merge(entry, now: now)
        }
      case .listSessions(let reply): reply(services.flatMap { $0.sessions.entries(now) })
      case .drain(let span, let drain): beginDraining(span, drain)
      case .drill(let order): drill(order)
      case .accessLog(let new):
        accessLog?.flush(now)
        accessLog = new
        keepsLoggedFields = new?.format.keepsFields ?? false
      case .traces(let new): followTraces(new)
      }
    }
  }

  private mutating func beginDraining(_ span: TimeSpan, _ drain: Drain) {
    guard !isDrained else { return }
    for index in listeners.indices {
      if listeners[index].isDatagram {
        // Answers still go out through these.
        for descriptor in listeners[index].descriptors { poller.forget(descriptor) }
      } else {
        forgetListener(index)
      }
    }
    drainDeadline = min(drainDeadline ?? .distantFuture, now + span)
    self.drain = drain
    drainDatagrams()
    if drain == .closingIdle { closeIdleClients { _ in true } }
    shutDownSessions { _ in true }
  }

  private mutating func makeReport(_ withExemplars: Bool) -> WorkerReport {
    var states: [WorkerReport.ServerCounters] = []
    var weights = [Double](repeating: 0, count: servers.count)
    var limits = [Int](repeating: 0, count: servers.count)
    for service in snapshot.services {
      let balancer = services[service.id.index].balancer
      for server in service.servers {
        weights[server.id.index] =
          balancer?.effectiveWeight(of: server.id.index, loads: loads) ?? 0
        if service.limits.isAdaptive { limits[server.id.index] = loads[server.id.index].limit }
      }
    }
    for index in servers.indices {
      states.append(
        .init(
          id: ServerID(index), inflight: loads[index].inflight,
          openConnections: loads[index].openConnections,
          isAvoided: loads[index].breaker.isEjected || !loads[index].breaker.admits(now),
          weight: weights[index], concurrencyLimit: limits[index],
          ejections: loads[index].breaker.ejections,
          requests: servers[index].requests, failures: servers[index].failures,
          answers: servers[index].answers, answerNanoseconds: servers[index].answerNanoseconds,
          latencies: servers[index].latencies,
          streams: servers[index].streams,
          codes: servers[index].codes.counts))
    }
    var compression = compressed
    compression.refusals = encoders.refusals
    return WorkerReport(
      worker: number,
      listeners: listeners.map {
        .init(
          id: $0.id, open: $0.open, accepted: $0.accepted, refused: $0.refused,
          handshakes: $0.handshakes, ended: $0.sessionEnds)
      },
      series: withExemplars
        ? statistics.report(now: now, wallTime: Clock.wallTime) : statistics.report(),
      streams: streamStatistics.series, services: serviceCounters(),
      servers: states, pauses: pauses.counts, compression: compression, drilled: drilled,
      unsampledLines: unsampledLines)
  }

  private mutating func serviceCounters() -> [WorkerReport.ServiceCounters] {
    var counters = services.map { $0.report(now) }
    for server in queueingServers {
      if let service = servers[server].service {
        counters[service].queued += servers[server].waiting.count
      }
    }
    return counters
  }
}
