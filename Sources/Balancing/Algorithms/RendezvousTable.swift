import Primitives

/// Each slot of keys belongs to the server with the best lot for it; a server that goes gives its
/// slots away and nothing else moves. Thaler, Ravishankar, "A Name-Based Mapping Scheme for
/// Rendezvous", 1996; weighted by the exponential race `−ln(u) / weight`, least wins (Schindelhauer,
/// Schomaker, "Weighted distributed hash tables", 2005).
///
/// A pick looks into the table. A change costs one lot for each slot, some 0.2 ms, but the first
/// filling one for each slot and server.
struct RendezvousTable: Sendable {
  static let size = 65_536

  private struct Entrant {
    let server: Int32
    let hash: UInt64
    let inverseWeight: Double
  }

  /// `ServerID.index` by slot.
  private var slots: [Int32] = []
  /// The winners' lots.
  private var best: [Double] = []

  init() {}

  @inline(__always) func server(_ key: UInt64) -> Int {
    slots.isEmpty ? -1 : Int(slots[key.reduced(to: Self.size)])
  }

  mutating func adopt(_ candidates: [Candidate], before: [Candidate], origins: [Int32]) {
    if candidates.isEmpty {
      (slots, best) = ([], [])
      return
    }
    var stays = [Bool](repeating: false, count: before.count)
    let entrants = candidates.map(Self.entrant)
    var fresh: [Entrant] = []
    for (place, candidate) in candidates.enumerated() {
      let origin = Int(origins[place])
      if origin >= 0, before[origin].weight == candidate.weight, !slots.isEmpty {
        stays[origin] = true
      } else {
        fresh.append(entrants[place])
      }
    }
    if slots.isEmpty {
      slots = Array(repeating: -1, count: Self.size)
      best = Array(repeating: .infinity, count: Self.size)
      challenge(entrants)
      return
    }
    let gone = before.indices.filter { !stays[$0] }.map { before[$0].server }
    var isGone = [Bool](repeating: false, count: (gone.max() ?? -1) + 1)
    for server in gone { isGone[server] = true }
    for slot in slots.indices {
      let owner = Int(slots[slot])
      if owner < isGone.count, isGone[owner] {
        best[slot] = .infinity
        challenge(slot, entrants)
      } else {
        challenge(slot, fresh)
      }
    }
  }

  private static func entrant(_ candidate: Candidate) -> Entrant {
    Entrant(
      server: Int32(truncatingIfNeeded: candidate.server), hash: candidate.hash,
      inverseWeight: 1 / Double(candidate.weight))
  }

  private mutating func challenge(_ entrants: [Entrant]) {
    for slot in slots.indices { challenge(slot, entrants) }
  }

  @inline(__always) private mutating func challenge(_ slot: Int, _ entrants: [Entrant]) {
    let seed = UInt64(slot) &* 0x9E37_79B9_7F4A_7C15
    var (owner, least) = (slots[slot], best[slot])
    for entrant in entrants {
      let luck = (Double((entrant.hash ^ seed).mixed >> 11) + 0.5) * 0x1p-53
      // −ln(u) is at least 1 − u, so most are out before a logarithm is taken.
      if (1 - luck) * entrant.inverseWeight >= least { continue }
      let lot = -naturalLogarithm(luck) * entrant.inverseWeight
      if lot < least { (owner, least) = (entrant.server, lot) }
    }
    (slots[slot], best[slot]) = (owner, least)
  }
}
