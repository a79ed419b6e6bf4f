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
      case .explain(let question, let reply): reply(explain(question))
      case .search(let identifier, let reply): reply(search(identifier))
      case .forgive(let server):
        if server.index < loads.count { loads[server.index].forgive() }
      case .eject(let server, let until):
        if server.index < loads.count { loads[server.index].breaker.eject(until: until, now: now) }
      case .sessions(let entries):
        for entry in entries where entry.service.index < services.count {
          services[entry.service.index].sessions.merge(entry, now: now)
        }
      case .drain(let span): beginDraining(span)
      case .accessLog(let new):
        accessLog?.flush(now)
        accessLog = new
      case .reopenAccessLog: accessLog?.reopen()
      }
    }
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
          openConnections: loads[index].openConnections,
          isAvoided: !loads[index].breaker.admits(now),
          ejections: loads[index].breaker.ejections,
          requests: servers[index].requests, failures: servers[index].failures,
          codes: servers[index].codes.counts))
    }
    return WorkerReport(
      worker: number,
      listeners: listeners.map { .init(id: $0.id, open: $0.open, accepted: $0.accepted) },
      series: statistics.report(), services: services.map(\.report), servers: states,
      lostLogLines: accessLog?.lostLines ?? 0)
  }
}
