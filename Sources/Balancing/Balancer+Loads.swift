import Primitives
import Topology

/// What the loop's traffic changes.
extension Balancer {
  /// How often all candidates are looked at for what nobody told of.
  static let recount = TimeSpan.seconds(1)
  /// How long somebody on the bench isn't asked again.
  static let patience = TimeSpan.milliseconds(10)

  /// A server's requests under way became more or fewer, or it was answered, ejected or forgiven.
  public mutating func loadChanged(_ server: Int, loads: [ServerLoad]) {
    let place = place(of: server, loads)
    guard place >= 0 else { return }
    see(place, loads)
    switch method {
    case .leastConnections:
      _ = bench.remove(place)
      rank(place, loads)
    case .first: if bench.remove(place) { openPlaces.insert(place) }
    default: break
    }
  }

  @inline(__always) private mutating func see(_ place: Int, _ loads: [ServerLoad]) {
    let server = candidates[place].server
    let inflight = loads[server].inflight
    total &+= inflight &- seen[place].inflight
    seen[place].inflight = inflight
    let isEjected = loads[server].breaker.isEjected
    if isEjected != seen[place].isEjected {
      seen[place].isEjected = isEjected
      ejected += isEjected ? 1 : -1
    }
    if method == .leastTime || method == .aggregateLoad {
      let answered = loads[server].latency.updated
      if answered != seen[place].answered {
        seen[place].answered = answered
        fleet.answered(by: loads[server].latency)
      }
    }
  }

  /// Counts all candidates' loads anew.
  mutating func follow(_ loads: [ServerLoad]) {
    total = 0
    ejected = 0
    // An answer counts once, though it was before this topology.
    seen = candidates.map { SeenLoad(answered: loads[$0.server].latency.updated) }
    for place in candidates.indices { see(place, loads) }
  }

  // MARK: The bench

  /// For algorithms with an order: it isn't found again until its load changes, or for `patience`.
  @inline(__always) mutating func sitOut(_ place: Int, _ now: Instant) {
    if bench.places.isEmpty { upkeepDue = min(upkeepDue, now + Self.patience) }
    bench.insert(place)
    if method == .first {
      openPlaces.remove(place)
    } else {
      tournament.set(place, cost: TournamentTree.out)
    }
  }

  mutating func leaveBench(_ loads: [ServerLoad]) {
    while let place = bench.places.last {
      _ = bench.remove(Int(place))
      if method == .first { openPlaces.insert(Int(place)) } else { rank(Int(place), loads) }
    }
  }

  func tournamentCost(_ place: Int, _ loads: [ServerLoad]) -> UInt64 {
    let inflight = loads[candidates[place].server].inflight
    return TournamentTree.cost(inflight: inflight, weight: candidates[place].effective)
  }

  @inline(__always) mutating func rank(_ place: Int, _ loads: [ServerLoad]) {
    tournament.set(place, cost: tournamentCost(place, loads))
  }

  // MARK: What time changes

  /// The next step of a slow start, the bench, and ejections that nobody told of.
  mutating func upkeep(_ loads: [ServerLoad], _ now: Instant) {
    if now >= slowStart.nextStep, let service {
      if slowStart.apply(service.slowStart, to: &candidates, now: now) { reweigh(loads) }
    }
    leaveBench(loads)
    for place in candidates.indices { see(place, loads) }
    upkeepDue = min(slowStart.nextStep, now + Self.recount)
  }
}
