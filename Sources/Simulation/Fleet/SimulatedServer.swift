import HealthChecking
import Primitives
import Topology

/// A server as it is now: what it works on, what waits for it, and what ails it.
struct SimulatedServer {
  let model: ServerModel
  /// Requests that it works on, as places of the table of tries.
  var serving: [Int32] = []
  /// Requests that wait for a place, oldest first.
  var queue = TryQueue()
  /// Done, but held back by a stall; among those in `serving`.
  var held: [Int32] = []
  /// Changes when its process dies: what was planned for the one before is void.
  var incarnation: UInt32 = 0

  // What the faults make of it.
  var ailments: [Int] = []
  /// When its last fault ended, since the beginning.
  var illUntil: TimeSpan?
  var isDead = false
  var isHung = false
  /// The least time of an answer.
  var stall = TimeSpan.zero
  var factor = 1.0
  var errorShare = 0.0
  var lossShare = 0.0

  // What the control plane knows of it.
  var isPresent = true
  var availability = Server.Availability.ready
  var health: Server.Health
  var healthySince: Instant?
  var machine: HealthMachine?
  var checkNumber: UInt32 = 0
  var plannedCheck: Instant?

  init(_ model: ServerModel, health: Server.Health) {
    self.model = model
    self.health = health
  }

  var hasPlace: Bool { model.concurrency == 0 || serving.count < model.concurrency }

  var inflight: Int { serving.count + queue.count }

  // How busy it was since it was last asked.
  private var busy = 0.0
  private var busyUntil = Instant.zero
  private var asked = Instant.zero

  /// Has to go before every change of `serving`.
  mutating func countWork(_ now: Instant) {
    busy += Double(serving.count) * max(0, (now - busyUntil).seconds)
    busyUntil = now
  }

  /// The share of its places that worked since the last call, as a supervisor samples CPU time.
  mutating func takeBusyShare(_ now: Instant) -> Double {
    countWork(now)
    let span = (now - asked).seconds * Double(max(1, model.concurrency))
    let share = span > 0 ? busy / span : 0
    busy = 0
    asked = now
    return share
  }
}

/// First in, first out.
struct TryQueue {
  private var places: [Int32] = []
  private var first = 0

  var count: Int { places.count - first }

  mutating func append(_ place: Int32) { places.append(place) }

  mutating func popFirst() -> Int32? {
    guard first < places.count else { return nil }
    let place = places[first]
    first += 1
    // What is gone is half at most: each move pays for one that left.
    if first > 32, first * 2 > places.count {
      places.removeFirst(first)
      first = 0
    }
    return place
  }

  mutating func removeAll() -> [Int32] {
    defer {
      places.removeAll(keepingCapacity: true)
      first = 0
    }
    return Array(places[first...])
  }
}
