import Primitives
import Testing

@testable import HTTP2

struct StreamTableTests {
  @Test(arguments: 0..<50)
  func `a table says what a dictionary says`(seed: Int) {
    var random = SeededRandom(seed: UInt64(seed))
    var table = StreamTable()
    var expected: [Int32: Int] = [:]
    for _ in 0..<400 {
      // Few numbers, and some that meet in a table of any size.
      let stream = Int32(random.below(40)) * (random.below(2) == 0 ? 2 : 2_048) + 1
      switch random.below(3) {
      case 0:
        #expect(table.remove(stream) == expected.removeValue(forKey: stream))
      case 1:
        let place = random.below(1_000)
        table.insert(stream, place)
        expected[stream] = place
      default:
        #expect(table.place(stream) == expected[stream])
      }
      #expect(table.count == expected.count)
    }
    for (stream, place) in expected { #expect(table.place(stream) == place) }
  }
}
