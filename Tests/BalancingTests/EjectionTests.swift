import Balancing
import Primitives
import Testing
import Topology

@Suite struct EjectionTests {
  /// Requests one after the other, spread evenly, each failing with its server's chance.
  private func play(
    _ chances: [Double], requests: Int, seed: UInt64, policy: EjectionPolicy = EjectionPolicy()
  ) -> [Int: Int] {
    let service = Service(
      id: ServiceID(0), name: "s", algorithm: .roundRobin,
      servers: chances.indices.map { server($0) },
      ejection: policy)
    var loads = [ServerLoad](repeating: ServerLoad(), count: chances.count)
    var balancer = Balancer()
    var now = Instant(nanoseconds: 1_000_000_000)
    balancer.adopt(service, limits: Limits(), loads: &loads, now: now)
    var random = SeededRandom(seed: seed)
    /// By server: the request at which it was ejected first.
    var ejected: [Int: Int] = [:]
    for request in 0..<requests {
      now = now + .milliseconds(1)
      guard
        case .server(let server) = balancer.choose(
          Balancer.Request(), loads: loads, now: now, random: &random)
      else { continue }
      loads[server].began(now)
      let isFailure = random.fraction() < chances[server]
      let policy = isFailure ? balancer.ejection(of: server, loads: loads, now: now) : nil
      let change = loads[server].answered(
        isFailure: isFailure, after: .milliseconds(1), policy: policy ?? service.ejection,
        mayEject: policy != nil, now: now)
      loads[server].ended()
      balancer.loadChanged(server, loads: loads)
      if case .ejected = change, ejected[server] == nil { ejected[server] = request }
    }
    return ejected
  }

  @Test(arguments: [0.1, 0.3, 0.6, 1.0], [UInt64(1), 2, 3])
  func `where all fail alike nobody is left out, but for one by chance`(
    chance: Double, seed: UInt64
  ) {
    // Twenty requests, after which a share counts, can be far from what they are drawn from.
    let most = chance == 0.3 || chance == 0.6 ? 1 : 0
    for count in [1, 2, 3, 5, 10] {
      let chances = [Double](repeating: chance, count: count)
      let ejected = play(chances, requests: 4_000 * count, seed: seed)
      #expect(ejected.count <= most, "\(count) servers: \(ejected)")
    }
  }

  @Test(arguments: [2, 3, 5, 10], [UInt64(1), 2, 3])
  func `one that only fails among good ones is out after five failures`(count: Int, seed: UInt64) {
    var chances = [Double](repeating: 0, count: count)
    chances[0] = 1
    let ejected = play(chances, requests: 100 * count, seed: seed)
    #expect(ejected.keys.sorted() == [0] && ejected[0] ?? .max < 6 * count, "\(ejected)")
  }

  @Test(arguments: [UInt64(1), 2, 3])
  func `one that only fails is found among ones that often fail`(seed: UInt64) {
    let ejected = play([1, 0.3, 0.3, 0.3, 0.3], requests: 2_000, seed: seed)
    #expect(ejected.keys.sorted() == [0] && ejected[0] ?? .max < 30 * 5, "\(ejected)")
  }

  @Test(arguments: [UInt64(1), 2, 3])
  func `one that fails more than half of its requests is out by its share`(seed: UInt64) {
    let ejected = play(
      [0.7, 0, 0, 0], requests: 2_000, seed: seed, policy: EjectionPolicy(failures: 0))
    #expect(ejected.keys.sorted() == [0], "\(ejected)")
  }

  @Test func `half of the servers may be out, and never the last`() {
    #expect(play([1, 1, 0, 0], requests: 1_000, seed: 1).keys.sorted() == [0, 1])
    #expect(play([1, 0], requests: 1_000, seed: 1, policy: EjectionPolicy(maxShare: 1)).count == 1)
    #expect(play([1], requests: 1_000, seed: 1, policy: EjectionPolicy(maxShare: 1)).isEmpty)
  }
}
