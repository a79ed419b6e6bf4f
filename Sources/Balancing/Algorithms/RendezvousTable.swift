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
      for slot in slots.indices { challenge(slot, entrants) }
      return
    }
    let gone = before.indices.filter { !stays[$0] }.map {
      Int32(truncatingIfNeeded: before[$0].server)
    }
    if !gone.isEmpty { replace(gone, by: entrants) }
    for entrant in fresh { enter(entrant) }
  }

  private mutating func replace(_ gone: [Int32], by entrants: [Entrant]) {
    var isGone = [Bool](repeating: false, count: Int(gone.max() ?? -1) + 1)
    for server in gone { isGone[Int(server)] = true }
    for slot in slots.indices {
      let owner = Int(slots[slot])
      guard owner < isGone.count, isGone[owner] else { continue }
      best[slot] = .infinity
      challenge(slot, entrants)
    }
  }

  private static func entrant(_ candidate: Candidate) -> Entrant {
    Entrant(
      server: Int32(truncatingIfNeeded: candidate.server), hash: candidate.hash,
      inverseWeight: 1 / Double(candidate.weight))
  }

  /// All entrants draw for one slot.
  private mutating func challenge(_ slot: Int, _ entrants: [Entrant]) {
    var (owner, least) = (slots[slot], best[slot])
    for entrant in entrants {
      let lot = Self.lot(entrant, slot, under: least)
      if lot < least { (owner, least) = (entrant.server, lot) }
    }
    (slots[slot], best[slot]) = (owner, least)
  }

  /// One entrant draws for all slots.
  private mutating func enter(_ entrant: Entrant) {
    for slot in slots.indices {
      let lot = Self.lot(entrant, slot, under: best[slot])
      if lot < best[slot] { (slots[slot], best[slot]) = (entrant.server, lot) }
    }
  }

  /// Exact only where it is under `least`: as −ln(u) is at least 1 − u, most need no logarithm.
  @inline(__always) private static func lot(
    _ entrant: Entrant, _ slot: Int, under least: Double
  ) -> Double {
    let mixed = (entrant.hash ^ UInt64(truncatingIfNeeded: slot) &* 0x9E37_79B9_7F4A_7C15).mixed
    let luck = (Double(Int64(truncatingIfNeeded: mixed >> 11)) + 0.5) * 0x1p-53
    let bound = (1 - luck) * entrant.inverseWeight
    return bound >= least ? bound : -naturalLogarithm(luck) * entrant.inverseWeight
  }
}
