import Balancing
import Primitives
import Testing
import Topology

/// Servers 0 … 2 of the old version and 3, 4 of the new one.
private struct Versions {
  var balancer = ServiceBalancer()
  var loads = (0..<6).map { _ in ServerLoad() }
  var request = Balancer.Request()
  var now = Instant(nanoseconds: 1_000_000_000)
  var random = SeededRandom(seed: 7)
  let algorithm: BalanceAlgorithm

  init(_ algorithm: BalanceAlgorithm, share: Double?, limits: Limits = Limits()) {
    self.algorithm = algorithm
    adopt(share: share, limits: limits)
  }

  mutating func adopt(
    share: Double?, old: [Int] = [0, 1, 2], new: [Int] = [3, 4], limits: Limits = Limits(),
    health: [Int: Server.Health] = [:], draining: Set<Int> = []
  ) {
    let servers = (old + new).map { index in
      Server(
        id: ServerID(index), name: "s\(index)", address: .loopback(port: 1),
        availability: draining.contains(index) ? .draining : .ready,
        health: health[index] ?? .healthy, isNew: new.contains(index))
    }
    let service = Service(
      id: ServiceID(0), name: "s", algorithm: algorithm, servers: servers,
      shift: share.map { VersionShift(share: $0, servers: servers) })
    balancer.adopt(service, limits: limits, loads: &loads, now: now)
  }

  mutating func choose() -> Balancer.Choice {
    request.key = request.key &+ 0x9E37_79B9_7F4A_7C15
    return choose(key: request.key)
  }

  mutating func choose(key: UInt64) -> Balancer.Choice {
    request.key = key
    return balancer.choose(request, loads: loads, now: now, random: &random)
  }

  /// Which of so many go to the new version.
  mutating func news(_ count: Int) -> [Bool] {
    (0..<count).map { _ in
      guard case .server(let server) = choose() else { return false }
      return server >= 3
    }
  }

  mutating func set(_ server: Int, inflight: Int) {
    while loads[server].inflight < inflight { loads[server].began(now) }
    while loads[server].inflight > inflight { loads[server].ended() }
    balancer.loadChanged(server, loads: loads)
  }

  mutating func refuse(_ server: Int) {
    _ = loads[server].failed(
      isCertain: true, after: .zero, policy: EjectionPolicy(), mayEject: false, now: now)
    balancer.loadChanged(server, loads: loads)
  }

  func explain() -> Balancer.Explanation {
    balancer.explain(request, loads: loads, now: now)
  }
}

@Suite struct VersionTests {
  @Test(arguments: everyAlgorithm, [0.001, 0.05, 0.25, 0.5, 0.9])
  func `a new version gets its share whatever the algorithm is`(
    algorithm: BalanceAlgorithm, share: Double
  ) {
    var versions = Versions(algorithm, share: share)
    let count = versions.news(10_000).filter(\.self).count
    if case .hash = algorithm {
      // Keys are dealt by chance: five standard deviations.
      #expect(abs(Double(count) - share * 10_000) < 5 * (share * (1 - share) * 10_000).squareRoot())
    } else {
      #expect(abs(Double(count) - share * 10_000) <= 1)
    }
  }

  @Test func `a share comes evenly, without bursts and gaps`() {
    var versions = Versions(.powerOfTwo, share: 0.05)
    let places = versions.news(2_000).enumerated().filter(\.element).map(\.offset)
    #expect(places.count == 100)
    #expect(zip(places, places.dropFirst()).allSatisfy { $1 - $0 == 20 })
    // A topology that changes something else goes on where the last one was.
    versions.adopt(share: 0.05)
    #expect(versions.news(20).filter(\.self).count == 1)
  }

  @Test(arguments: everyAlgorithm)
  func `none and all of the requests are exactly that`(algorithm: BalanceAlgorithm) {
    var versions = Versions(algorithm, share: 0)
    #expect(!versions.news(500).contains(true))
    versions.adopt(share: 1)
    #expect(!versions.news(500).contains(false))
    versions.adopt(share: 0)
    #expect(!versions.news(500).contains(true))
    versions.adopt(share: .nan)
    #expect(!versions.news(500).contains(true))
  }

  @Test(arguments: hashes)
  func `a key stays with its version, and with its server while the share grows`(
    algorithm: BalanceAlgorithm
  ) {
    var versions = Versions(algorithm, share: 0.2)
    let keys = (0..<500).map { UInt64($0).multipliedReportingOverflow(by: 0x1234_5678_9ABC_DEF1).0 }
    let before = keys.map { versions.choose(key: $0) }
    #expect(before == keys.map { versions.choose(key: $0) })
    versions.adopt(share: 0.6)
    let after = keys.map { versions.choose(key: $0) }
    for (first, second) in zip(before, after) {
      if case .server(3...4) = first { #expect(first == second) }
      if case .server(0...2) = second { #expect(first == second) }
    }
  }

  @Test(arguments: everyAlgorithm)
  func `a session stays at its server of either version`(algorithm: BalanceAlgorithm) {
    var versions = Versions(algorithm, share: 1)
    versions.request.session = 1
    #expect(versions.choose() == .server(1))
    versions.adopt(share: 0)
    versions.request.session = 4
    #expect(versions.choose() == .server(4))
    versions.adopt(share: 1, draining: [0, 1, 2])
    versions.request.session = 2
    #expect(versions.choose() == .server(2))
    #expect(versions.balancer.holdsSession(2, loads: versions.loads, now: versions.now))
    #expect(versions.balancer.holdsSession(3, loads: versions.loads, now: versions.now))
  }

  @Test(arguments: everyAlgorithm)
  func `the rule takes a request to the new version though it has no share`(
    algorithm: BalanceAlgorithm
  ) {
    var versions = Versions(algorithm, share: 0)
    versions.request.isForNew = true
    #expect(!versions.news(100).contains(false))
    versions.adopt(share: nil, old: [0, 1, 2], new: [])
    #expect(!versions.news(100).contains(true))
  }

  @Test(arguments: everyAlgorithm)
  func `a version without a usable server leaves everything to the other`(
    algorithm: BalanceAlgorithm
  ) {
    var versions = Versions(algorithm, share: 0.5)
    versions.adopt(share: 0.5, health: [3: .unhealthy, 4: .unknown])
    #expect(!versions.news(100).contains(true))
    versions.adopt(share: 0, health: [0: .unhealthy, 1: .unhealthy], draining: [2])
    #expect(!versions.news(100).contains(false))
    versions.adopt(share: 0.5, new: [])
    #expect(!versions.news(100).contains(true))
    versions.adopt(share: 0.5, old: [], new: [])
    #expect(versions.choose() == .none)
  }

  @Test(arguments: sharingAlgorithms)
  func `servers that let a request down are passed over for those of the other version`(
    algorithm: BalanceAlgorithm
  ) {
    var versions = Versions(algorithm, share: 0.5)
    versions.refuse(3)
    versions.refuse(4)
    #expect(!versions.news(100).contains(true))
    // The new one was refused, and the request goes on at an old one.
    versions.adopt(share: 0.9)
    versions.request.tried.insert(3)
    #expect(!versions.news(20).contains(true))
  }

  @Test func `nobody is sent to a new version without a share since the old one is in trouble`() {
    var versions = Versions(.roundRobin, share: 0)
    for server in 0...2 { versions.refuse(server) }
    #expect(!versions.news(50).contains(true))
    var full = Versions(.roundRobin, share: 0, limits: Limits(requests: 1))
    for server in 0...2 { full.set(server, inflight: 1) }
    #expect(full.choose() == .full)
  }

  @Test func `a version that is full lets the other help, but not where a session waits`() {
    var versions = Versions(.leastConnections, share: 0.5, limits: Limits(requests: 1))
    for server in 3...4 { versions.set(server, inflight: 1) }
    #expect(!versions.news(3).contains(true))
    versions.request.isForNew = true
    #expect(!versions.news(3).contains(true))
    versions.request.isForNew = false
    versions.request.session = 3
    #expect(versions.choose() == .full)
  }

  @Test func `servers may change their version, and what they do is seen`() {
    var versions = Versions(.leastConnections, share: 0.5)
    // 3 and 4 are the old ones of the next deployment; then it ends.
    versions.adopt(share: 1, old: [3, 4], new: [5, 0])
    versions.set(5, inflight: 2)
    #expect(versions.choose() == .server(0))
    versions.adopt(share: nil, old: [5, 0], new: [])
    #expect((0..<4).map { _ in versions.choose() } == Array(repeating: .server(0), count: 4))
    versions.set(5, inflight: 0)
    versions.set(0, inflight: 3)
    #expect(versions.choose() == .server(5))
  }

  @Test func `an explanation tells the share, and whom the request can't reach`() {
    var versions = Versions(.roundRobin, share: 0.25)
    let told = versions.explain()
    #expect(
      told.set
        == "25 % to the new version: 2 healthy of tier 0; the rest to the old one: 3 healthy of tier 0"
    )
    #expect(Set(told.candidates.map(\.server)) == [0, 1, 2, 3, 4])
    versions.request.isForNew = true
    let ruled = versions.explain()
    #expect(ruled.set == "the new version, by the deployment's rule: 2 healthy of tier 0")
    #expect(ruled.others.map(\.server) == [0, 1, 2])
    #expect(ruled.others.allSatisfy { $0.reason == .version })
    versions.request.isForNew = false
    versions.request.session = 2
    #expect(versions.explain().isHeldBySession)
    versions.request.session = nil
    versions.adopt(share: 0)
    #expect(
      versions.explain().set == "the old version, which has all requests: 3 healthy of tier 0")
    let weights = (0...4).map { versions.balancer.effectiveWeight(of: $0, loads: versions.loads) }
    #expect(weights == [1, 1, 1, 0, 0])
  }

  @Test func `a server is left out only among those of its version`() {
    let versions = Versions(.roundRobin, share: 0.5)
    var one = versions
    one.adopt(share: 0.5, new: [3])
    #expect(versions.balancer.mayEject(3, loads: versions.loads, now: versions.now))
    #expect(!one.balancer.mayEject(3, loads: one.loads, now: one.now))
    #expect(one.balancer.mayEject(0, loads: one.loads, now: one.now))
    #expect(one.balancer.ejection(of: 3, loads: one.loads, now: one.now) == nil)
  }
}
