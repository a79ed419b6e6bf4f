import Balancing
import Primitives
import Proxying
import Topology

/// Requests that wait for a server with room.
extension Simulator {
  /// Requests with a session whose server is full that others may overtake at a time.
  private static let boundAhead = 64

  func enqueue(_ place: Int) {
    let worker = workers[requests[place].worker]
    guard worker.waiting.append(place, now: now) else {
      report(place, .queueFull)
      return
    }
    requests[place].phase = .queued
    wait(place, .queue, scenario.service.limits.queueTimeout)
  }

  /// Lets requests go on for which a place may have come free.
  func admitWaiting(_ number: Int) {
    let worker = workers[number]
    worker.mayAdmit = false
    // Their session's server is full; others may find room elsewhere.
    var bound: [Int] = []
    while bound.count < Self.boundAhead, let place = worker.waiting.first {
      let choice = choose(place)
      let isBound = requests[place].choice.session != nil
      if choice == .full, !isBound { break }
      _ = worker.waiting.next(now)
      if choice == .full {
        bound.append(place)
        continue
      }
      requests[place].phase = .exchange
      let ticket = ticket(request: place)
      proceed(place, choice)
      if request(ticket) != nil { arm(place) }
    }
    for place in bound where !worker.waiting.append(place, now: now) {
      requests[place].phase = .exchange
      report(place, .queueFull)
    }
    planShedding(number)
  }

  /// Ends the wait of requests that an overloaded line holds for longer than makes sense.
  func shed(_ number: Int) {
    let worker = workers[number]
    guard worker.plannedShedding == now else { return }
    worker.plannedShedding = nil
    while let place = worker.waiting.nextToShed(now) {
      requests[place].phase = .exchange
      report(place, .shed)
    }
    planShedding(number)
  }

  private func planShedding(_ number: Int) {
    let worker = workers[number]
    guard let next = worker.waiting.nextShedding,
      worker.plannedShedding.map({ next < $0 }) ?? true
    else { return }
    let time = max(next, now)
    worker.plannedShedding = time
    heap.schedule(.shedding(worker: Int32(truncatingIfNeeded: number)), at: time)
  }
}
