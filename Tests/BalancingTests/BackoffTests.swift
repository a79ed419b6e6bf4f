import Balancing
import Primitives
import Testing

@Suite struct BackoffTests {
  @Test func `the first retry waits for nothing`() {
    var random = SeededRandom(seed: 1)
    for retry in [Int.min, -1, 0, 1] {
      #expect(Backoff.wait(beforeRetry: retry, random: &random) == .zero)
    }
  }

  @Test(arguments: [UInt64(1), 2, 3])
  func `later ones are spread over the whole of a doubling span`(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    let spans: [(retry: Int, milliseconds: Double)] = [
      (2, 50), (3, 100), (4, 200), (5, 400), (6, 800), (7, 1_000), (11, 1_000), (.max, 1_000),
    ]
    for (retry, milliseconds) in spans {
      let waits = (0..<2_000).map { _ in
        Backoff.wait(beforeRetry: retry, random: &random).seconds * 1_000
      }
      let mean = waits.reduce(0, +) / 2_000
      #expect(waits.allSatisfy { $0 >= 0 && $0 <= milliseconds })
      #expect(abs(mean - milliseconds / 2) < milliseconds * 0.04, "retry \(retry)")
      #expect(
        waits.contains { $0 < milliseconds * 0.02 } && waits.contains { $0 > milliseconds * 0.98 })
    }
  }
}
