import Balancing
import Primitives
import Testing
import Topology

/// Services and loads by chance; what must hold of every choice.
@Suite struct BalancerStormTests {
  private struct Storm {
    var random: SeededRandom

    mutating func server(_ index: Int) -> Server {
      let availability: [Server.Availability] = [.ready, .ready, .ready, .draining, .maintenance]
      let health: [Server.Health] = [.healthy, .healthy, .unhealthy, .unknown]
      return BalancingTests.server(
        index, weight: random.below(4) == 0 ? 0 : 1 + random.below(1_000),
        backup: random.below(4) == 0, availability: availability[random.below(5)],
        health: health[random.below(4)])
    }
  }

  /// The best tier, said once more in other words.
  private func tier(_ servers: [Server]) -> Set<Int> {
    let open = servers.filter { $0.weight > 0 && $0.availability == .ready }
    let tiers: [(Server) -> Bool] = [
      { $0.health == .healthy && $0.priority == 0 }, { $0.health == .healthy },
      { $0.health == .unhealthy && $0.priority == 0 }, { $0.health == .unhealthy },
    ]
    let first = tiers.lazy.map { open.filter($0) }.first { !$0.isEmpty }
    return Set((first ?? []).map(\.id.index))
  }

  @Test(arguments: everyAlgorithm, [UInt64(1), 2, 3])
  func `every choice is of the best tier, within limits, and not tried or avoided without need`(
    algorithm: BalanceAlgorithm, seed: UInt64
  ) {
    var storm = Storm(random: SeededRandom(seed: seed))
    for round in 0..<300 {
      let servers = (0..<(1 + storm.random.below(7))).map { storm.server($0) }
      let limit = storm.random.below(3) == 0 ? 3 : 0
      var fixture = Fixture(algorithm, servers, limits: Limits(requests: limit))
      fixture.random = SeededRandom(seed: storm.random.next())
      let tier = tier(servers)
      for _ in 0..<40 {
        let touched = storm.random.below(servers.count)
        switch storm.random.below(5) {
        case 0: fixture.set(touched, inflight: fixture.loads[touched].inflight + 1)
        case 1: fixture.set(touched, inflight: 0)
        case 2: fixture.refuse(touched)
        case 3: fixture.request.tried.insert(touched)
        default: fixture.request.tried = TriedServers()
        }
        fixture.now = fixture.now + .milliseconds(Int64(storm.random.below(300)))
        let open = tier.filter { limit == 0 || fixture.loads[$0].inflight < limit }
        let fresh = open.filter { !fixture.request.tried.contains($0) }
        let best = fresh.filter { fixture.loads[$0].breaker.admits(fixture.now) }
        let allowed = !best.isEmpty ? best : !fresh.isEmpty ? fresh : open
        switch fixture.choose() {
        case .server(let chosen): #expect(allowed.contains(chosen), "seed \(seed), \(round)")
        case .full: #expect(open.isEmpty && !tier.isEmpty, "seed \(seed), \(round)")
        case .none: #expect(tier.isEmpty, "seed \(seed), \(round)")
        }
      }
    }
  }
}
