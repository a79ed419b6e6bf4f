import Balancing
import Primitives
import Testing
import Topology

@Suite struct RoundRobinTests {
  @Test func `at any time each has its weight's share to within two requests`() {
    var random = SeededRandom(seed: 11)
    for _ in 0..<40 {
      let weights = (0..<(2 + random.below(8))).map { _ in 1 + random.below(20) }
      let sum = weights.reduce(0, +)
      var fixture = Fixture(
        .roundRobin, weights.indices.map { server($0, weight: weights[$0]) })
      var counts = [Int](repeating: 0, count: weights.count)
      for (index, chosen) in fixture.choices(3 * sum).enumerated() {
        counts[chosen] += 1
        for (place, weight) in weights.enumerated() {
          let fair = Double((index + 1) * weight) / Double(sum)
          #expect(abs(Double(counts[place]) - fair) < 2, "\(weights)")
        }
      }
    }
  }

  @Test func `a heavy server's turns are spread`() {
    var fixture = Fixture(
      .roundRobin, [server(0, weight: 5), server(1, weight: 1), server(2, weight: 1)])
    let choices = fixture.choices(70)
    let longest = choices.split { $0 != 0 }.map(\.count).max() ?? 0
    #expect(longest <= 4, "\(choices)")
  }

  @Test func `a change of one weight leaves everybody's turn where it was`() {
    let weights = [3, 1, 4, 1, 5]
    var fixture = Fixture(.roundRobin, weights.indices.map { server($0, weight: weights[$0]) })
    var counts = [Int](repeating: 0, count: 5)
    // A change after each request would give all of them to the first if each began a new round.
    for round in 0..<1_400 {
      for chosen in fixture.choices(1) { counts[chosen] += 1 }
      let extra = round % 2
      fixture.adopt(weights.indices.map { server($0, weight: weights[$0] + ($0 == 0 ? extra : 0)) })
    }
    for (place, share) in [3.5, 1, 4, 1, 5].enumerated() {
      #expect(abs(Double(counts[place]) / 1_400 - share / 14.5) < 0.02, "\(counts)")
    }
  }

  @Test func `a server that was out gets no backlog`() {
    var fixture = Fixture(.roundRobin, [server(0, weight: 2), server(1), server(2)])
    fixture.refuse(0)
    #expect(fixture.shares(400)[0] == nil)
    fixture.loads[0].forgive()
    #expect(abs((fixture.shares(40)[0] ?? 0) - 20) <= 1)
  }

  @Test func `who is next stays next when another server goes`() {
    let servers = (0..<5).map { server($0) }
    var fixture = Fixture(.roundRobin, servers)
    #expect(fixture.choices(3) == [0, 1, 2])
    fixture.adopt(servers.filter { $0.id.index != 1 })
    #expect(fixture.choices(5) == [3, 4, 0, 2, 3])
    fixture.adopt(servers.filter { $0.id.index != 4 })
    #expect(fixture.choices(2) == [0, 1])
  }
}
