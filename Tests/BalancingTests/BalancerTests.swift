import Balancing
import Primitives
import Testing
import Topology

@Suite struct BalancerTests {
  @Test func `round robin goes round`() {
    var fixture = Fixture(.roundRobin, [server(4), server(2), server(7)])
    #expect(fixture.choices(7) == [4, 2, 7, 4, 2, 7, 4])
  }

  @Test func `round robin keeps the shares of the weights, whatever they are`() {
    var random = SeededRandom(seed: 5)
    for _ in 0..<50 {
      let weights = (0..<(2 + random.below(6))).map { _ in 1 + random.below(50) }
      var fixture = Fixture(
        .roundRobin, weights.enumerated().map { server($0.offset, weight: $0.element) })
      let total = weights.reduce(0, +)
      #expect(fixture.shares(total) == Dictionary(uniqueKeysWithValues: zip(0..., weights)))
    }
  }

  @Test func `random choices follow the weights`() {
    var fixture = Fixture(
      .random, [server(0, weight: 1), server(1, weight: 3), server(2, weight: 6)])
    let shares = fixture.shares(20_000)
    for (index, expected) in [2_000, 6_000, 12_000].enumerated() {
      // Five standard deviations are at most 350.
      #expect(abs((shares[index] ?? 0) - expected) < 350, "\(shares)")
    }
  }

  @Test func `least connections takes the fewest for the weight`() {
    var fixture = Fixture(
      .leastConnections, [server(0, weight: 1), server(1, weight: 2), server(2, weight: 4)])
    for _ in 0..<700 {
      guard case .server(let chosen) = fixture.choose() else { break }
      fixture.begin(chosen)
    }
    #expect(fixture.loads.map(\.inflight) == [100, 200, 400])
    fixture.set(0, inflight: 0)
    fixture.set(2, inflight: 401)
    #expect(fixture.choices(2) == [0, 0])
  }

  @Test func `idle servers share, though all have none`() {
    var fixture = Fixture(.leastConnections, [server(0), server(1), server(2)])
    #expect(fixture.shares(300) == [0: 100, 1: 100, 2: 100])
  }

  @Test(arguments: everyAlgorithm)
  func `a server with weight zero takes no work`(algorithm: BalanceAlgorithm) {
    var fixture = Fixture(algorithm, [server(0, weight: 0), server(1)])
    #expect(fixture.shares(20) == [1: 20])
    var none = Fixture(algorithm, [server(0, weight: 0)])
    #expect(none.choose() == .none)
  }

  @Test(arguments: everyAlgorithm)
  func `a draining server and one in maintenance take no new work`(algorithm: BalanceAlgorithm) {
    var fixture = Fixture(
      algorithm,
      [server(0, availability: .draining), server(1, availability: .maintenance), server(2)])
    #expect(fixture.shares(20) == [2: 20])
  }

  @Test(arguments: everyAlgorithm)
  func `backups work only when no primary does`(algorithm: BalanceAlgorithm) {
    var with = Fixture(algorithm, [server(0), server(1, backup: true)])
    #expect(with.shares(20) == [0: 20])
    var without = Fixture(
      algorithm, [server(0, health: .unhealthy), server(1, backup: true), server(2, backup: true)])
    #expect(Set(without.shares(60).keys) == (algorithm == .first ? [1] : [1, 2]))
  }

  @Test(arguments: everyAlgorithm)
  func `when none is healthy every checked primary is tried`(algorithm: BalanceAlgorithm) {
    var fixture = Fixture(
      algorithm,
      [
        server(0, health: .unhealthy), server(1, health: .unknown), server(2, health: .unhealthy),
        server(3, backup: true, health: .unhealthy),
        server(4, availability: .draining, health: .unhealthy),
      ])
    #expect(Set(fixture.shares(60).keys) == (algorithm == .first ? [0] : [0, 2]))
  }

  @Test(arguments: everyAlgorithm)
  func `unhealthy backups are the last that is left, unchecked servers are nothing`(
    algorithm: BalanceAlgorithm
  ) {
    var backups = Fixture(
      algorithm, [server(0, health: .unknown), server(1, backup: true, health: .unhealthy)])
    #expect(backups.choose() == .server(1))
    var unknown = Fixture(algorithm, [server(0, health: .unknown)])
    #expect(unknown.choose() == .none)
    var empty = Fixture(algorithm, [])
    #expect(empty.choose() == .none)
  }

  @Test(arguments: everyAlgorithm)
  func `an avoided server is passed over, but never the last`(algorithm: BalanceAlgorithm) {
    var fixture = Fixture(algorithm, [server(0), server(1)])
    fixture.refuse(0)
    #expect(fixture.shares(20) == [1: 20])
    fixture.refuse(1)
    // Those that measure remember for longer what the first one did.
    let remembers = algorithm == .leastTime || algorithm == .aggregateLoad
    let both: Set<Int> = algorithm == .first ? [0] : [0, 1]
    let last = Set(fixture.shares(60).keys)
    #expect(last == both || remembers && last.count == 1)
    fixture.loads[1].forgive()
    fixture.now = fixture.now + CircuitBreaker.shortestAvoidance
    let again = Set(fixture.shares(60).keys)
    #expect(again == both || remembers && again == [1])
  }

  @Test(arguments: everyAlgorithm)
  func `a tried server is used again only if nothing else is there`(algorithm: BalanceAlgorithm) {
    var fixture = Fixture(algorithm, [server(0), server(1), server(2)])
    fixture.request.tried.insert(0)
    fixture.refuse(1)
    #expect(fixture.shares(20) == [2: 20])
    fixture.request.tried.insert(2)
    // One that failed elsewhere is better than one that failed this request.
    #expect(fixture.shares(20) == [1: 20])
    fixture.request.tried.insert(1)
    let last = Set(fixture.shares(90).keys)
    switch algorithm {
    case .first: #expect(last == [0])
    // They remember what the second one did.
    case .leastTime, .aggregateLoad: #expect(last == [0, 2])
    default: #expect(last == [0, 1, 2])
    }
  }

  @Test(arguments: everyAlgorithm, [Limits(requests: 2), Limits(connections: 2)])
  func `a server at its limit is passed over, and all of them are full`(
    algorithm: BalanceAlgorithm, limits: Limits
  ) {
    var fixture = Fixture(algorithm, [server(0, weight: 9), server(1)], limits: limits)
    fixture.set(0, inflight: 2)
    #expect(fixture.shares(20) == [1: 20])
    fixture.set(1, inflight: 2)
    #expect(fixture.choose() == .full)
    fixture.request.tried.insert(0)
    fixture.set(0, inflight: 1)
    #expect(fixture.choose() == .server(0))
  }
}
