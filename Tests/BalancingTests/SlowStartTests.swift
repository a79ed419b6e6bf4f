import Balancing
import Primitives
import Testing
import Topology

@Suite struct SlowStartTests {
  private let start = Instant(nanoseconds: 1_000_000_000)

  @Test(arguments: sharingAlgorithms)
  func `a server that turned healthy gets a tenth at first and all in the end`(
    algorithm: BalanceAlgorithm
  ) {
    var fixture = Fixture(
      algorithm, [server(0), server(1), server(2, healthySince: start)], slowStart: .seconds(10))
    let weights = [0, 25, 50, 75, 100].map { percent in
      fixture.now = start + .milliseconds(Int64(100 * percent + 1))
      _ = fixture.choose()
      return fixture.weight(of: 2)
    }
    #expect(weights == [0.1, 0.32, 0.55, 0.77, 1])
  }

  @Test(arguments: [BalanceAlgorithm.roundRobin, .random, .powerOfTwo])
  func `its share follows`(algorithm: BalanceAlgorithm) {
    var fixture = Fixture(
      algorithm, [server(0), server(1, healthySince: start)], slowStart: .seconds(10))
    let early = fixture.shares(2_000)[1] ?? 0
    // One part of eleven.
    #expect((100...270).contains(early))
    fixture.now = start + .seconds(20)
    #expect((900...1_100).contains(fixture.shares(2_000)[1] ?? 0))
  }

  @Test func `nobody is ramped where all would be, or where there is one`() {
    for count in [1, 4] {
      let fixture = Fixture(
        .roundRobin, (0..<count).map { server($0, healthySince: start) }, slowStart: .seconds(10))
      #expect(fixture.weight(of: 0) == 1)
    }
  }

  @Test(arguments: hashes + [.first])
  func `hashes and first-available have none`(algorithm: BalanceAlgorithm) {
    let fixture = Fixture(
      algorithm, [server(0), server(1, healthySince: start)], slowStart: .seconds(10))
    #expect(fixture.weight(of: 1) == 1)
  }

  @Test func `a start that lies in the future is the beginning`() {
    let fixture = Fixture(
      .roundRobin, [server(0, weight: 50), server(1, weight: 50, healthySince: .distantFuture)],
      slowStart: .seconds(10))
    #expect(fixture.weight(of: 1) == 5)
  }
}

/// A client's session decides before the algorithm does.
@Suite struct SessionChoiceTests {
  private var servers: [Server] {
    [
      server(0), server(1), server(2, availability: .draining), server(3, health: .unhealthy),
      server(4, weight: 0), server(5, availability: .maintenance),
    ]
  }

  @Test(arguments: everyAlgorithm)
  func `a session stays where it may`(algorithm: BalanceAlgorithm) {
    var fixture = Fixture(algorithm, servers)
    for (session, isHeld) in [(0, true), (1, true), (2, true), (3, false), (4, true), (5, false)] {
      fixture.request.session = session
      #expect(
        fixture.balancer.holdsSession(session, loads: fixture.loads, now: fixture.now) == isHeld)
      let shares = Set(fixture.shares(20).keys)
      #expect(isHeld ? shares == [session] : shares.isSubset(of: [0, 1]))
    }
    for strange in [-1, 6, 1_000_000] {
      fixture.request.session = strange
      #expect(Set(fixture.shares(20).keys).isSubset(of: [0, 1]))
    }
  }

  @Test func `it waits for a full server, and leaves one that failed`() {
    var fixture = Fixture(.leastTime, servers, limits: Limits(requests: 2))
    fixture.request.session = 1
    fixture.set(1, inflight: 2)
    #expect(fixture.choose() == .full)
    fixture.set(1, inflight: 0)
    #expect(fixture.choose() == .server(1))
    fixture.request.tried.insert(1)
    #expect(fixture.choose() == .server(0))
    fixture.request.tried = TriedServers()
    fixture.refuse(1)
    #expect(fixture.choose() == .server(0))
  }

  @Test func `a server of another service holds nothing here`() {
    var fixture = Fixture(.leastTime, [server(0), server(1), server(2)])
    fixture.adopt([server(0), server(1)])
    fixture.request.session = 2
    #expect(Set(fixture.shares(20).keys) == [0, 1])
  }
}
