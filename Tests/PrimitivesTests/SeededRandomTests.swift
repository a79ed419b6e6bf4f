import Primitives
import Testing

@Suite struct SeededRandomTests {
  @Test func `the numbers are those of the published algorithm`() {
    var random = SeededRandom(seed: 1_234_567)
    let numbers = (0..<5).map { _ in random.next() }
    #expect(
      numbers == [
        6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
        4_593_380_528_125_082_431, 16_408_922_859_458_223_821,
      ])
  }

  @Test func `a bounded number stays under its bound and reaches all below it`() {
    var random = SeededRandom(seed: 3)
    var seen = [Int](repeating: 0, count: 10)
    for _ in 0..<10_000 { seen[random.below(10)] += 1 }
    #expect(seen.allSatisfy { (850...1_150).contains($0) })
    #expect(random.below(0) == 0 && random.below(-5) == 0 && random.below(1) == 0)
    #expect((0..<1_000).allSatisfy { _ in random.below(.max) >= 0 })
  }

  @Test func `a fraction is at least zero and under one`() {
    var random = SeededRandom(seed: 9)
    let fractions = (0..<10_000).map { _ in random.fraction() }
    #expect(fractions.allSatisfy { $0 >= 0 && $0 < 1 })
    let mean = fractions.reduce(0, +) / 10_000
    #expect(mean > 0.48 && mean < 0.52)
  }
}
