import Balancing
import Primitives
import Testing
import Topology

/// Least time, aggregate load and first-available: what they make of what they see.
@Suite struct MeasuringTests {
  /// So many requests one after the other, answered after `time` of the server.
  private func drive(
    _ fixture: inout Fixture, _ count: Int, every pause: TimeSpan = .milliseconds(10),
    _ answer: (Int) -> (TimeSpan, isFailure: Bool)
  ) -> [Int: Int] {
    var shares: [Int: Int] = [:]
    for _ in 0..<count {
      guard case .server(let chosen) = fixture.choose() else { continue }
      shares[chosen, default: 0] += 1
      fixture.begin(chosen)
      let (time, isFailure) = answer(chosen)
      fixture.now = fixture.now + pause
      fixture.end(chosen, after: time, isFailure: isFailure)
    }
    return shares
  }

  @Test(arguments: [BalanceAlgorithm.leastTime, .aggregateLoad])
  func `a server that fails fast does not win`(algorithm: BalanceAlgorithm) {
    var fixture = Fixture(algorithm, (0..<5).map { server($0) })
    // Every other answer fails, so it's never ejected for failures in a row.
    var count = 0
    let shares = drive(&fixture, 5_000) { chosen in
      count += 1
      return chosen == 2 ? (.microseconds(100), count % 2 == 0) : (.milliseconds(10), false)
    }
    #expect((shares[2] ?? 0) < (algorithm == .leastTime ? 250 : 1_000), "\(shares)")
  }

  @Test func `a stalled server is seen before its first answer`() {
    var fixture = Fixture(.leastTime, (0..<5).map { server($0) })
    _ = drive(&fixture, 500) { _ in (.milliseconds(10), false) }
    // It has one that waits, and 400 ms pass.
    fixture.begin(3)
    fixture.now = fixture.now + .milliseconds(400)
    let shares = drive(&fixture, 500, every: .milliseconds(1)) { _ in (.milliseconds(10), false) }
    #expect((shares[3] ?? 0) == 0, "\(shares)")
  }

  @Test(arguments: [BalanceAlgorithm.leastTime, .aggregateLoad])
  func `one bad answer does not starve a server`(algorithm: BalanceAlgorithm) {
    var fixture = Fixture(algorithm, (0..<5).map { server($0) })
    _ = drive(&fixture, 1_000) { _ in (.milliseconds(10), false) }
    fixture.begin(1)
    fixture.end(1, after: .seconds(2))
    // Half a minute later it has its share again.
    _ = drive(&fixture, 3_000) { _ in (.milliseconds(10), false) }
    let shares = drive(&fixture, 1_000) { _ in (.milliseconds(10), false) }
    #expect((shares[1] ?? 0) > 100, "\(shares)")
  }

  @Test func `abandoned tries leave no stall behind`() {
    var load = ServerLoad()
    let now = Instant(nanoseconds: 1)
    for _ in 0..<3 { load.began(now) }
    load.abandoned(after: .zero, now: now)
    load.ended()
    _ = load.answered(
      isFailure: false, after: .milliseconds(7), policy: EjectionPolicy(), mayEject: false,
      now: now)
    load.ended()
    load.ended()
    #expect(load.inflight == 0 && load.latency.latency == .milliseconds(7))
  }

  @Test func `reports of CPU and memory move requests, and old ones don't`() {
    var fixture = Fixture(.aggregateLoad, [server(0), server(1)])
    fixture.loads[0].measured(MeasuredLoad(cpu: 0.9, memory: 0.8, measured: fixture.now))
    fixture.loads[1].measured(MeasuredLoad(cpu: 0.2, memory: 0.4, measured: fixture.now))
    #expect(fixture.shares(100) == [1: 100])
    fixture.now = fixture.now + MeasuredLoad.lifetime + .milliseconds(1)
    #expect(Set(fixture.shares(100).keys) == [0, 1])
  }

  @Test func `a report out of bounds counts as the nearest that makes sense`() {
    let strange = MeasuredLoad(cpu: -3, memory: .nan, measured: .zero)
    #expect(strange.cpu == 0 && strange.memory == 1)
    #expect(MeasuredLoad(cpu: .infinity, memory: 2, measured: .zero).cpu == 1)
  }

  @Test func `first-available fills one server after the other`() {
    var fixture = Fixture(.first, (0..<200).map { server($0) }, limits: Limits(requests: 2))
    for expected in [0, 0, 1, 1, 2, 2, 3] {
      #expect(fixture.choose() == .server(expected))
      fixture.begin(expected)
    }
    fixture.end(1, after: .milliseconds(1))
    #expect(fixture.choose() == .server(1))
    for place in 0..<199 { fixture.set(place, inflight: 2) }
    #expect(fixture.choices(3) == [199, 199, 199])
    fixture.set(199, inflight: 2)
    #expect(fixture.choose() == .full)
  }

  @Test(arguments: everyAlgorithm, [UInt64(1), 2])
  func `at steady load nobody starves, whatever was ejected and came back`(
    algorithm: BalanceAlgorithm, seed: UInt64
  ) {
    if algorithm == .first { return }
    var fixture = Fixture(algorithm, (0..<6).map { server($0) }, seed: seed)
    for round in 0..<20 {
      fixture.refuse(round % 6)
      _ = drive(&fixture, 20) { _ in (.milliseconds(10), false) }
    }
    fixture.now = fixture.now + .seconds(60)
    let shares = drive(&fixture, 3_000) { _ in (.milliseconds(10), false) }
    for place in 0..<6 { #expect((shares[place] ?? 0) > 200, "\(shares)") }
  }

  @Test func `an explanation says who stands how, and why the others don't`() {
    var fixture = Fixture(
      .leastConnections,
      [
        server(0, weight: 2), server(1), server(2), server(3), server(4, health: .unhealthy),
        server(5, priority: 1), server(6, availability: .draining), server(7, weight: 0),
        server(8, health: .unknown), server(9, isStandby: true),
      ], limits: Limits(requests: 4))
    fixture.set(0, inflight: 3)
    fixture.set(1, inflight: 4)
    fixture.refuse(2)
    fixture.request.tried.insert(3)
    let told = fixture.balancer.explain(
      fixture.request, loads: fixture.loads, now: fixture.now)
    #expect(told.algorithm == "least-connections" && told.set == "4 healthy of tier 0")
    #expect(told.candidates.map(\.standing) == [.open, .full, .avoided, .tried])
    #expect(told.candidates.map(\.score) == [2, 5, 0, 0])
    #expect(told.candidates.map(\.weight) == [2, 1, 1, 1])
    #expect(told.others.map(\.server) == [4, 5, 6, 7, 8, 9])
    #expect(
      told.others.map(\.reason) == [
        .unhealthy, .tier, .draining, .weightZero, .unchecked, .standby,
      ])
  }

  @Test(arguments: everyAlgorithm)
  func `an explanation changes nothing, and an empty service has one`(
    algorithm: BalanceAlgorithm
  ) {
    var (one, other) = (
      Fixture(algorithm, (0..<4).map { server($0) }), Fixture(algorithm, (0..<4).map { server($0) })
    )
    for _ in 0..<50 {
      let told = one.balancer.explain(one.request, loads: one.loads, now: one.now)
      #expect(told.candidates.count == 4)
      #expect(one.choose() == other.choose())
    }
    let empty = Fixture(algorithm, [])
    #expect(empty.balancer.explain(empty.request, loads: [], now: .zero).candidates.isEmpty)
    #expect(Balancer().explain(empty.request, loads: [], now: .zero).set == "no server")
  }
}
