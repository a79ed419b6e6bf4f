import Balancing
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
    services[service].waiting.append(client)
    services[service].counters.queued = services[service].waiting.count
    clients[client].phase = .queued
    arm(client, .queue, timeout)
  }

  /// Lets requests go on for which a place may have come free, oldest first.
  mutating func admitWaiting() {
    if admissions.isEmpty { return }
    // What comes free from here on is for the next turn.
    let admitted = admissions
    admissions.removeAll(keepingCapacity: true)
    for service in admitted {
      while let client = services[service].waiting.first {
        let choice = choose(client, service)
        if choice == .full { break }
        leaveQueue(client, service)
        clients[client].phase = .exchange
        guard let wanted = clients[client].request.service else { continue }
        let generation = clients.generation(client)
        proceed(client, wanted, choice)
        // No descriptor is left: it waits again, and so does everyone behind it.
        if clients.isUsed(client), clients.generation(client) == generation,
          clients[client].phase == .queued
        {
          break
        }
      }
    }
  }

  /// A request that waited goes on, or ends.
  mutating func leaveQueue(_ client: Int, _ service: Int) {
    services[service].waiting.removeAll { $0 == client }
    services[service].counters.queued = services[service].waiting.count
  }
}
