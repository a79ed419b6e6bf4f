import Balancing
import EventLoop
import Primitives
import Proxying
import Topology

/// Requests that wait for a server with room.
extension Worker {
  mutating func enqueue(_ client: Int, _ service: Int, _ timeout: TimeSpan) {
    guard services[service].waiting.append(client, now: now) else {
      services[service].counters.shedQueueFull &+= 1
      report(client, .queueFull)
      return
    }
    if services[service].waiting.count == 1 { queueing.append(service) }
    clients[client].phase = .queued
    arm(client, .queue, timeout)
  }

  /// Lets requests go on for which a place may have come free.
  mutating func admitWaiting() {
    if admissions.isEmpty { return }
    // What comes free from here on is for the next turn.
    let admitted = admissions
    admissions.removeAll(keepingCapacity: true)
    for service in admitted { admit(service) }
  }

  private mutating func admit(_ service: Int) {
    // Their session's server is full; others may find room elsewhere.
    var bound: [Int] = []
    while bound.count < DataPlaneLimits.boundAhead, let client = services[service].waiting.first {
      let choice = choose(client, service)
      let isBound = clients[client].request.choice.session != nil
      if choice == .full, !isBound { break }
      _ = services[service].waiting.next(now)
      if choice == .full {
        bound.append(client)
        continue
      }
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
    for client in bound where !services[service].waiting.append(client, now: now) {
      clients[client].phase = .exchange
      report(client, .queueFull)
    }
  }

  /// Ends the wait of requests that an overloaded queue holds for longer than makes sense.
  mutating func shedOverdue() {
    queueing.removeAll { services[$0].waiting.count == 0 }
    for service in queueing {
      while let client = services[service].waiting.nextToShed(now) {
        services[service].counters.shedOverload &+= 1
        clients[client].phase = .exchange
        report(client, .shed)
      }
    }
  }

  /// A request that waited ends, or its client left.
  mutating func leaveQueue(_ client: Int, _ service: Int) {
    services[service].waiting.remove(client)
  }
}
