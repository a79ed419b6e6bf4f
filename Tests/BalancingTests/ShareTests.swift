import Balancing
import Primitives
import Testing
import Topology

/// A closed loop: so many clients, each waits for its answer before it asks again.
struct ClosedLoop {
  var fixture: Fixture
  var shares: [Int]
  private let times: @Sendable (Int, inout SeededRandom) -> TimeSpan
  private var underway: [(server: Int, began: Instant, ends: Instant)] = []

  init(
    _ fixture: Fixture, clients: Int,
    times: @escaping @Sendable (Int, inout SeededRandom) -> TimeSpan
  ) {
    self.fixture = fixture
    self.times = times
    shares = Array(repeating: 0, count: fixture.loads.count)
    for _ in 0..<clients { ask() }
  }

  mutating func ask() {
    guard case .server(let chosen) = fixture.choose() else { return }
    shares[chosen] += 1
    fixture.begin(chosen)
    let now = fixture.now
    underway.append((chosen, now, now + times(chosen, &fixture.random)))
  }

  mutating func run(_ requests: Int) {
    for _ in 0..<requests {
      guard let next = underway.indices.min(by: { underway[$0].ends < underway[$1].ends }) else {
        return
      }
      let done = underway.remove(at: next)
      fixture.now = done.ends
      fixture.end(done.server, after: done.ends - done.began)
      ask()
    }
  }
}

/// Exponential, with a mean in milliseconds.
func exponential(_ mean: Double, _ random: inout SeededRandom) -> TimeSpan {
  .microseconds(Int64(-mean * 1_000 * naturalLogarithm(1 - random.fraction())) + 1)
}

@Suite struct ShareTests {
  @Test(arguments: sharingAlgorithms, [UInt64(1), 2, 3])
  func `five equal servers have equal shares to within five percent`(
    algorithm: BalanceAlgorithm, seed: UInt64
  ) {
    for clients in [5, 20] {
      var loop = ClosedLoop(
        Fixture(algorithm, (0..<5).map { server($0) }, seed: seed), clients: clients
      ) { exponential(10, &$1) }
      loop.run(20_000)
      let fair = Double(loop.shares.reduce(0, +)) / 5
      for share in loop.shares { #expect(abs(Double(share) / fair - 1) < 0.05, "\(loop.shares)") }
    }
  }

  @Test(arguments: sharingAlgorithms)
  func `servers as fast as their weights say get shares by weight`(algorithm: BalanceAlgorithm) {
    let weights = [1, 2, 3, 4]
    var loop = ClosedLoop(
      Fixture(algorithm, weights.indices.map { server($0, weight: weights[$0]) }), clients: 60
    ) { exponential(10, &$1) }
    loop.run(20_000)
    for (share, weight) in zip(loop.shares, weights) {
      #expect(abs(Double(share) / 20_060 - Double(weight) / 10) < 0.02, "\(loop.shares)")
    }
  }

  @Test(arguments: [BalanceAlgorithm.roundRobin, .random, .powerOfTwo, .leastTime])
  func `weights hold at low load as well`(algorithm: BalanceAlgorithm) {
    var loop = ClosedLoop(
      Fixture(algorithm, [server(0, weight: 1), server(1, weight: 3)]), clients: 1
    ) { exponential(10, &$1) }
    loop.run(4_000)
    #expect(abs(Double(loop.shares[0]) / 4_001 - 0.25) < 0.12, "\(loop.shares)")
  }

  @Test(arguments: [BalanceAlgorithm.leastTime, .aggregateLoad], [UInt64(1), 2, 3])
  func `the slow one of ten gets less, and no other is starved`(
    algorithm: BalanceAlgorithm, seed: UInt64
  ) {
    var loop = ClosedLoop(
      Fixture(algorithm, (0..<10).map { server($0) }, seed: seed), clients: 10
    ) { exponential($0 == 7 ? 100 : 10, &$1) }
    loop.run(30_000)
    for (server, share) in loop.shares.enumerated() where server != 7 {
      #expect(share > 1_500, "\(loop.shares)")
    }
    #expect(loop.shares[7] < (algorithm == .leastTime ? 600 : 2_000), "\(loop.shares)")
  }
}
