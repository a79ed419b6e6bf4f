import Balancing
import Primitives
import Testing
import Topology

/// Tiers, panic and zones: who of a fleet gets requests.
@Suite struct SelectionTests {
  /// A fleet in a word: `h` healthy, `x` unhealthy, `?` unchecked; a slash begins the next tier.
  private func fleet(_ text: String) -> [Server] {
    let health: [Character: Server.Health] = ["h": .healthy, "x": .unhealthy, "?": .unknown]
    var (servers, priority): ([Server], Int) = ([], 0)
    for letter in text {
      if let health = health[letter] {
        servers.append(server(servers.count, priority: priority, health: health))
      } else {
        priority += 1
      }
    }
    return servers
  }

  private func used(_ servers: [Server], threshold: Double = 0.5) -> [Int] {
    var fixture = Fixture(.roundRobin, [])
    fixture.adopt(servers, panicThreshold: threshold)
    return Set(fixture.choices(40)).sorted()
  }

  @Test(arguments: [
    // One server, sick or well, and with a backup.
    ("h", [0]), ("x", [0]), ("?", [-1]), ("x/h", [1]), ("h/h", [0]), ("x/x", [0]), ("?/x", [1]),
    // Two: half is enough.
    ("hx", [0]), ("xx", [0, 1]), ("hx/h", [0]), ("xx/hh", [2, 3]), ("h?", [0]), ("x?", [0]),
    // Three: one of three is under half, so the next tier helps.
    ("hxx", [0]), ("hxx/h", [0, 3]), ("hhx/h", [0, 1]), ("xxx/x", [0, 1, 2]),
    ("hxx/x/h", [0, 4]),
    // Five: still no panic while one is healthy.
    ("hxxxx", [0]), ("xxxxx", [0, 1, 2, 3, 4]), ("hhxxx/h", [0, 1, 5]), ("hhhxx/h", [0, 1, 2]),
    // Ten: under half with all tiers together, nobody believes the checks.
    ("hhhhhxxxxx", [0, 1, 2, 3, 4]), ("hhhhxxxxxx", [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]),
    ("hhhhxxxxxx/h", [0, 1, 2, 3, 10]),
    ("hxxxxxxxx?/hh", [0, 1, 2, 3, 4, 5, 6, 7, 8]),
    ("xxxxxxxxxx/hhhhh", [10, 11, 12, 13, 14]),
  ])
  func `the fleet's health decides who is used`(text: String, expected: [Int]) {
    #expect(used(fleet(text)) == expected)
  }

  @Test func `the threshold is the service's own`() {
    #expect(used(fleet("hxxxxxxxxx"), threshold: 0) == [0])
    #expect(used(fleet("hxx/h"), threshold: 0.3) == [0])
    #expect(used(fleet("hhx/h"), threshold: 1) == [0, 1, 3])
    #expect(used(fleet("hxxxxx/h"), threshold: .nan).isEmpty == false)
  }

  @Test func `standbys, drained servers and those without weight are not used even in panic`() {
    let sick = (0..<7).map { server($0, health: .unhealthy) }
    let others = [
      server(7, health: .unhealthy, isStandby: true),
      server(8, availability: .draining, health: .unhealthy), server(9, weight: 0),
      server(10, availability: .maintenance),
    ]
    #expect(used(sick + others) == Array(0..<7))
  }

  @Test func `the zone is kept while enough of it is healthy`() {
    func zone(_ local: String, _ remote: String) -> [Int] {
      let all = Array(local + remote)
      return used(
        all.indices.map {
          server($0, isLocal: $0 < local.count, health: all[$0] == "h" ? .healthy : .unhealthy)
        })
    }
    #expect(zone("hh", "hh") == [0, 1])
    #expect(zone("hx", "hh") == [0])
    #expect(zone("hxx", "hhh") == [0, 3, 4, 5])
    #expect(zone("xx", "hh") == [2, 3])
    #expect(zone("xx", "xx") == [0, 1, 2, 3])
  }

  @Test(arguments: everyAlgorithm)
  func `where all candidates have failed, one that waits in another tier or zone is asked`(
    algorithm: BalanceAlgorithm
  ) {
    for other in [server(1, priority: 1), server(1, isLocal: false)] {
      var fixture = Fixture(algorithm, [server(0), other, server(2, priority: 2)])
      #expect(Set(fixture.choices(20)) == [0])
      fixture.request.tried.insert(0)
      #expect(Set(fixture.choices(20)) == [1])
      fixture.request.tried.insert(1)
      #expect(Set(fixture.choices(20)) == [2])
      fixture.request.tried.insert(2)
      #expect(Set(fixture.choices(20)) == [0])
    }
  }

  @Test(arguments: everyAlgorithm)
  func `a full candidate is waited for, whoever waits elsewhere`(algorithm: BalanceAlgorithm) {
    var fixture = Fixture(
      algorithm, [server(0), server(1, priority: 1)], limits: Limits(requests: 1))
    fixture.set(0, inflight: 1)
    #expect(fixture.choices(3) == [-2, -2, -2])
  }

  @Test(arguments: [(1, 0.5, 0), (2, 0.5, 1), (3, 0.5, 1), (5, 0.5, 2), (5, 1, 4), (5, 0.1, 0)])
  func `so many may be ejected, and never the last`(count: Int, share: Double, most: Int) {
    var fixture = Fixture(.leastTime, [])
    let policy = EjectionPolicy(maxShare: share)
    fixture.adopt((0..<count).map { server($0) }, ejection: policy)
    var ejected = 0
    for place in 0..<count
    where fixture.balancer.mayEject(loads: fixture.loads, now: fixture.now) {
      let change = fixture.fail(place, times: policy.failures, policy: policy)
      #expect(change)
      ejected += 1
    }
    #expect(ejected == most)
    if ejected > 0 {
      fixture.loads[0].forgive()
      fixture.balancer.loadChanged(0, loads: fixture.loads)
      #expect(fixture.balancer.mayEject(loads: fixture.loads, now: fixture.now))
    }
  }
}
