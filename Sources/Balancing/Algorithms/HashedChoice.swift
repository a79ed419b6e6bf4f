import Primitives
import Topology

/// Requests with one key go to one server, by one of three tables. A server that may not be had now
/// (ejected, full, tried, or too loaded) is passed over by hashing the key again, which spreads its
/// keys over all others (random jumps: Chen, Coleman, Shrivastava, "Revisiting Consistent Hashing
/// with Bounded Loads", 2021) and leaves everybody else's keys where they are.
struct HashedChoice: Sendable {
  var method = HashPolicy.Method.maglev
  /// At least 1; nil is no bound.
  var bound: Double?
  var ring = HashRing()
  var maglev = MaglevTable()
  var rendezvous = RendezvousTable()

  init() {}

  /// - Parameter origins: where each candidate stood before; -1 for a new one.
  mutating func adopt(_ candidates: [Candidate], before: [Candidate], origins: [Int32]) {
    switch method {
    case .ring: ring.adopt(candidates, before: before, origins: origins)
    case .maglev: maglev.adopt(candidates)
    case .rendezvous: rendezvous.adopt(candidates, before: before, origins: origins)
    }
  }

  /// - Returns: whether it is another table.
  mutating func configure(_ policy: HashPolicy) -> Bool {
    bound = policy.boundedLoad.map { max(1, $0) }
    if policy.method == method { return false }
    method = policy.method
    return true
  }

  mutating func forget() {
    (ring, maglev, rendezvous) = (HashRing(), MaglevTable(), RendezvousTable())
  }

  /// The server of a spread key.
  @inline(__always) func server(_ key: UInt64) -> Int {
    switch method {
    case .ring: ring.server(key)
    case .maglev: maglev.server(key)
    case .rendezvous: rendezvous.server(key)
    }
  }

  static func next(_ key: UInt64) -> UInt64 { (key &+ 0x9E37_79B9_7F4A_7C15).mixed }
}

extension Balancer {
  static let jumps = 24

  mutating func pickHashed(_ question: Question, _ loads: [ServerLoad]) -> Int {
    var key = question.key.mixed
    for _ in 0..<Self.jumps {
      let place = place(of: hashed.server(key), loads)
      if place >= 0, admits(place, question, loads), isWithinBound(place, loads) { return place }
      key = HashedChoice.next(key)
    }
    return -1
  }

  /// Whether one more request leaves it at most at `ceil(c · (total + 1) · weight / weights)`.
  /// Mirrokni, Thorup, Zadimoghaddam, "Consistent Hashing with Bounded Loads", 2018.
  @inline(__always) func isWithinBound(_ place: Int, _ loads: [ServerLoad]) -> Bool {
    guard let bound = hashed.bound else { return true }
    let share = Double(candidates[place].effective) / Double(max(1, weightSum))
    return Double(loads[candidates[place].server].inflight) < bound * Double(total &+ 1) * share
  }
}
