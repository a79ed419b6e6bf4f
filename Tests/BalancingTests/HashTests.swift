import Balancing
import Primitives
import Testing
import Topology

/// Where keys belong, and which of them move.
@Suite struct HashTests {
  private static let keys = 60_000

  private func fixture(
    _ method: HashPolicy.Method, _ servers: [Server], bound: Double? = nil
  ) -> Fixture {
    Fixture(.hash(HashPolicy(method: method, boundedLoad: bound)), servers)
  }

  private func homes(_ fixture: inout Fixture, keys: Int = Self.keys) -> [Int] {
    fixture.request.key = 0
    return fixture.choices(keys)
  }

  /// The share of keys that moved though their server stayed.
  private func moved(_ before: [Int], _ after: [Int], gone: Int) -> Double {
    let count = zip(before, after).count { $0 != gone && $0 != $1 }
    return Double(count) / Double(before.count)
  }

  @Test(arguments: [
    (HashPolicy.Method.ring, 0.013), (.maglev, 0.02), (.rendezvous, 0),
  ])
  func `one of a hundred servers goes and few keys move beyond its own`(
    method: HashPolicy.Method, bound: Double
  ) {
    let servers = (0..<100).map { server($0) }
    var fixture = fixture(method, servers)
    let before = homes(&fixture)
    for gone in [0, 41, 99] {
      fixture.adopt(servers.filter { $0.id.index != gone })
      let after = homes(&fixture)
      #expect(!after.contains(gone))
      #expect(moved(before, after, gone: gone) <= bound)
      fixture.adopt(servers)
      #expect(homes(&fixture) == before, "it came back to its own keys")
    }
  }

  @Test(arguments: [HashPolicy.Method.ring, .maglev, .rendezvous])
  func `a table depends on the servers and not on how they came to be`(
    method: HashPolicy.Method
  ) {
    var random = SeededRandom(seed: 3)
    var fixture = fixture(method, [server(0)])
    for _ in 0..<6 {
      let servers = (0..<20).filter { _ in random.below(3) > 0 }
        .map { server($0, weight: 1 + random.below(4)) }
      fixture.adopt(servers)
      var fresh = self.fixture(method, servers)
      let (grown, new) = (homes(&fixture, keys: 5_000), homes(&fresh, keys: 5_000))
      #expect(grown == new)
    }
  }

  @Test(arguments: [(HashPolicy.Method.ring, 0.35), (.maglev, 0.01), (.rendezvous, 0.12)])
  func `shares follow the weights`(method: HashPolicy.Method, tolerance: Double) {
    let weights = [1, 1, 2, 3, 5, 8]
    var fixture = fixture(
      method, weights.enumerated().map { server($0.offset, weight: $0.element) })
    let keys = 400_000
    var counts = [Int](repeating: 0, count: weights.count)
    for home in homes(&fixture, keys: keys) { counts[home] += 1 }
    for (index, weight) in weights.enumerated() {
      let expected = Double(keys * weight) / 20
      // Five standard deviations of the keys themselves.
      let chance = 5 * expected.squareRoot()
      #expect(abs(Double(counts[index]) - expected) <= tolerance * expected + chance)
    }
  }

  @Test func `Maglev's servers have their shares to within one percent`() {
    var fixture = fixture(.maglev, (0..<100).map { server($0) })
    let keys = 1_000_000
    var counts = [Int](repeating: 0, count: 100)
    for home in homes(&fixture, keys: keys) { counts[home] += 1 }
    // A key's slot is chance: chi-square over 100 servers is 99 ± 14 when the slots are even.
    let expected = Double(keys) / 100
    let surprise = counts.reduce(0) { $0 + (Double($1) - expected) * (Double($1) - expected) }
    #expect(surprise / expected < 99 + 5 * 14 + 10)
  }

  @Test(arguments: [HashPolicy.Method.ring, .maglev, .rendezvous], [1.0, 1.1, 1.25, 2])
  func `nobody has more under way than the bound`(method: HashPolicy.Method, bound: Double) {
    let weights = [1, 1, 2, 4]
    var fixture = fixture(
      method, weights.enumerated().map { server($0.offset, weight: $0.element) }, bound: bound)
    var random = SeededRandom(seed: 9)
    var underway: [Int] = []
    for _ in 0..<3_000 {
      if random.below(5) == 0, !underway.isEmpty {
        let server = underway.remove(at: random.below(underway.count))
        fixture.end(server, after: .milliseconds(1))
        continue
      }
      // One hot key in two.
      fixture.request.key = random.below(2) == 0 ? 7 : random.next()
      guard case .server(let chosen) = fixture.choose() else { continue }
      fixture.begin(chosen)
      underway.append(chosen)
      let share = Double(underway.count * weights[chosen]) / 8
      #expect(Double(fixture.loads[chosen].inflight) <= (bound * share).rounded(.up))
    }
    #expect(underway.count > 1_000)
  }

  @Test(arguments: [HashPolicy.Method.ring, .maglev, .rendezvous])
  func `an ejected server's keys go to all others, and nobody else's move`(
    method: HashPolicy.Method
  ) {
    var fixture = fixture(method, (0..<10).map { server($0) })
    let before = homes(&fixture, keys: 20_000)
    fixture.refuse(4)
    let after = homes(&fixture, keys: 20_000)
    #expect(moved(before, after, gone: 4) == 0)
    let takers = Set(zip(before, after).filter { $0.0 == 4 }.map(\.1))
    #expect(takers == Set(0..<10).subtracting([4]))
  }
}
