import Balancing
import Primitives
import Topology

/// Sessions: clients that keep a cookie of ours, or that the workers remember.
extension Simulator {
  /// The server that a client's request asks for.
  func session(of client: UInt64, _ worker: SimulatedWorker) -> Int? {
    switch scenario.service.stickiness {
    case nil: nil
    case .inserted: cookies[client]
    case .learned, .source:
      worker.sessions.server(forKey: Self.hash(client), now: now)
    }
  }

  /// A request is about to go to a server.
  func placed(_ client: UInt64, _ server: Int, _ worker: SimulatedWorker) {
    guard case .source = scenario.service.stickiness else { return }
    worker.sessions.place(Self.hash(client), server: server, now: now)
    tell(worker)
  }

  /// An answer reached its client.
  func remember(_ client: UInt64, _ server: Int, _ worker: SimulatedWorker) {
    switch scenario.service.stickiness {
    case nil, .source: break
    case .inserted: cookies[client] = server
    case .learned:
      worker.sessions.place(Self.hash(client), server: server, now: now)
      tell(worker)
    }
  }

  /// News reach the other workers at once; on a real machine that takes a turn of two loops.
  private func tell(_ worker: SimulatedWorker) {
    guard !worker.sessions.news.isEmpty else { return }
    for entry in worker.sessions.takeNews() {
      for other in workers where other !== worker { other.sessions.merge(entry, now: now) }
    }
  }
}
