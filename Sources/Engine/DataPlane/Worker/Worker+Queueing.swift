import EventLoop
import Primitives
import Proxying
import Topology

/// Requests that wait for a server with room.
extension Worker {
  mutating func enqueue(_ client: Int, _ service: Int, _ timeout: TimeSpan) {
    guard services[service].waiting.count < services[service].limits.queue else {
      report(client, .queueFull)
      return
    }
    services[service].waiting.append(
      .init(client: client, generation: clients.generation(client)))
    services[service].counters.queued = services[service].waiting.count
    clients[client].phase = .queued
    arm(client, .queue, timeout)
  }

  /// Lets requests go on for which a place may have come free, oldest first.
  mutating func admitWaiting() {
    while let service = admissions.popLast() {
      guard let waiting = nextWaiting(service) else { continue }
      clients[waiting].phase = .exchange
      chooseServer(waiting)
    }
  }

  private mutating func nextWaiting(_ service: Int) -> Int? {
    while !services[service].waiting.isEmpty {
      let waiting = services[service].waiting.removeFirst()
      services[service].counters.queued = services[service].waiting.count
      let client = waiting.client
      if clients.isUsed(client), clients.generation(client) == waiting.generation,
        clients[client].phase == .queued
      {
        return client
      }
    }
    return nil
  }
}
