import Primitives
import Testing

@testable import Topology

@Suite struct TrafficSplitTests {
  private func split(_ weights: [Int]) -> TrafficSplit {
    TrafficSplit(
      parts: weights.enumerated().map { .init(service: $0, name: "s\($0)", weight: $1) },
      keys: [.clientIP])
  }

  private static let keys: [UInt64] = {
    var random = SeededRandom(seed: 4711)
    return (0..<20_000).map { _ in random.next() }
  }()

  @Test func `keys are shared out by weight`() {
    let split = split([95, 5, 0])
    var counts = [0, 0, 0]
    for key in Self.keys { counts[split.service(key)] += 1 }
    #expect(abs(counts[1] - 1_000) < 150 && counts[2] == 0)
  }

  @Test func `a change of weights moves as few keys as it can`() {
    let before = split([50, 30, 20])
    let after = split([50, 30, 40])
    let moved = Self.keys.filter { before.service($0) != after.service($0) }
    // From a fifth to a third.
    #expect(abs(moved.count - 2_667) < 250)
    #expect(moved.allSatisfy { after.service($0) == 2 })
  }

  @Test func `the place of a service in the configuration does not matter`() {
    let one = TrafficSplit(
      parts: [.init(service: 3, name: "a", weight: 1), .init(service: 7, name: "b", weight: 1)],
      keys: [])
    let other = TrafficSplit(
      parts: [.init(service: 1, name: "b", weight: 1), .init(service: 2, name: "a", weight: 1)],
      keys: [])
    for key in Self.keys { #expect((one.service(key) == 3) == (other.service(key) == 2)) }
  }
}
