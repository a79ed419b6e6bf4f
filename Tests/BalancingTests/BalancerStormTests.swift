import Balancing
import Primitives
import Testing
import Topology

/// Services and loads by chance; what must hold of every choice.
@Suite struct BalancerStormTests {
  private func isBounded(_ algorithm: BalanceAlgorithm) -> Bool {
    if case .hash(let policy) = algorithm { policy.boundedLoad != nil } else { false }
  }

  private struct Storm {
    var random: SeededRandom

    mutating func server(_ index: Int, since: Instant? = nil) -> Server {
      let availability: [Server.Availability] = [.ready, .ready, .ready, .draining, .maintenance]
      let health: [Server.Health] = [.healthy, .healthy, .unhealthy, .unknown]
      return BalancingTests.server(
        index, weight: random.below(4) == 0 ? 0 : 1 + random.below(1_000),
        backup: random.below(4) == 0, availability: availability[random.below(5)],
        health: health[random.below(4)], healthySince: random.below(2) == 0 ? since : nil)
    }
  }

  /// Who may be used, said once more in other words; the fleets are small, so without panic.
  private func tier(_ servers: [Server]) -> Set<Int> {
    let open = servers.filter {
      $0.weight > 0 && $0.availability == .ready && $0.health != .unknown
    }
    guard let first = open.map(\.priority).min() else { return [] }
    let wanted = open.filter { $0.priority == first }.count
    let healthy = open.filter { $0.health == .healthy }
    let primaries = healthy.filter { $0.priority == first }
    let used = 2 * primaries.count >= wanted && !primaries.isEmpty ? primaries : healthy
    return Set((used.isEmpty ? open.filter { $0.priority == first } : used).map(\.id.index))
  }

  /// Who waits in another tier, in the order in which they would be asked.
  private func reserve(_ servers: [Server], _ tier: Set<Int>) -> [Int] {
    let waiting = servers.filter {
      $0.takesNewWork && $0.health == .healthy && !tier.contains($0.id.index)
    }
    let isHealthy = servers.contains { tier.contains($0.id.index) && $0.health == .healthy }
    return isHealthy ? waiting.sorted { $0.priority < $1.priority }.map(\.id.index) : []
  }

  @Test(arguments: everyAlgorithm, [UInt64(1), 2, 3])
  func `every choice is of the best tier, within limits, and not tried or avoided without need`(
    algorithm: BalanceAlgorithm, seed: UInt64
  ) {
    var storm = Storm(random: SeededRandom(seed: seed))
    // Each round makes the tables of the hashes anew, which is slow without optimisation.
    let rounds = hashes.contains(algorithm) || isBounded(algorithm) ? 12 : 300
    for round in 0..<rounds {
      let servers = (0..<(1 + storm.random.below(5))).map { storm.server($0) }
      let limit = storm.random.below(3) == 0 ? 3 : 0
      var fixture = Fixture(algorithm, servers, limits: Limits(requests: limit))
      fixture.random = SeededRandom(seed: storm.random.next())
      let tier = tier(servers)
      let reserve = reserve(servers, tier)
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
        let isWorthWaiting = open.count < tier.count && fixture.request.tried.count == 0
        let spare = reserve.first {
          !fixture.request.tried.contains($0) && fixture.loads[$0].breaker.admits(fixture.now)
            && (limit == 0 || fixture.loads[$0].inflight < limit)
        }
        let usesSpare = best.isEmpty && spare != nil && !isWorthWaiting && !tier.isEmpty
        var allowed = !best.isEmpty ? best : !fresh.isEmpty ? fresh : open
        if usesSpare, let spare { allowed = [spare] }
        switch fixture.choose() {
        case .server(let chosen): #expect(allowed.contains(chosen), "seed \(seed), \(round)")
        case .full:
          #expect(open.isEmpty && !tier.isEmpty && !usesSpare, "seed \(seed), \(round)")
        case .none: #expect(tier.isEmpty, "seed \(seed), \(round)")
        }
      }
    }
  }

  @Test(arguments: [UInt64(1), 2, 3])
  func `algorithm, servers, weights and traffic may change in any order`(seed: UInt64) {
    var storm = Storm(random: SeededRandom(seed: seed))
    var fixture = Fixture(.roundRobin, [], limits: Limits(requests: 5), slowStart: .seconds(3))
    for round in 0..<60 {
      fixture.algorithm = everyAlgorithm[storm.random.below(everyAlgorithm.count)]
      for _ in 0..<(1 + storm.random.below(2)) {
        var servers = (0..<12).filter { _ in storm.random.below(4) > 0 }
          .map { storm.server($0, since: fixture.now) }
        if storm.random.below(3) == 0 { servers.reverse() }
        fixture.adopt(servers)
        let usable = Set(servers.filter(\.takesNewWork).map(\.id.index))
        for _ in 0..<30 {
          fixture.now = fixture.now + .milliseconds(Int64(storm.random.below(100)))
          let touched = storm.random.below(12)
          switch storm.random.below(4) {
          case 0: if touched < fixture.loads.count { fixture.refuse(touched) }
          case 1 where touched < fixture.loads.count && fixture.loads[touched].inflight > 0:
            fixture.end(touched, after: .milliseconds(3), isFailure: storm.random.below(3) == 0)
          case 2:
            if case .server(let chosen) = fixture.choose() { fixture.begin(chosen) }
          default: break
          }
          if case .server(let chosen) = fixture.choose() {
            #expect(usable.contains(chosen), "seed \(seed), round \(round)")
            #expect(fixture.loads[chosen].inflight < 5, "seed \(seed), round \(round)")
          }
        }
      }
    }
  }
}
