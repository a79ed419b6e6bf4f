import Testing
import Wire

@Suite struct BodyDecoderTests {
  @Test func `a body of a stated length ends there`() throws {
    var decoder = BodyDecoder(.length(5))
    #expect(try decoder.feed([1, 2]) == .init(content: [1, 2], taken: 2, isComplete: false))
    #expect(try decoder.feed([]) == .init(content: [], taken: 0, isComplete: false))
    #expect(!decoder.isComplete)
    #expect(throws: BodyError.cutShort) { try decoder.finish() }
    #expect(
      try decoder.feed([3, 4, 5, 6]) == .init(content: [3, 4, 5], taken: 3, isComplete: true))
    #expect(try decoder.feed([7]) == .init(content: [], taken: 0, isComplete: true))
    try decoder.finish()
  }

  @Test func `a message without a body is complete from the start`() throws {
    for framing in [MessageFraming.none, .length(0)] {
      var decoder = BodyDecoder(framing)
      #expect(decoder.isComplete)
      #expect(try decoder.feed([1]) == .init(content: [], taken: 0, isComplete: true))
      try decoder.finish()
    }
  }

  @Test func `the longest length counts down without a trap`() throws {
    var decoder = BodyDecoder(.length(.max))
    #expect(try decoder.feed([1, 2, 3]).taken == 3)
    #expect(decoder == .length(remaining: .max - 3))
  }

  @Test func `a body until the close ends with it only`() throws {
    var decoder = BodyDecoder(.untilClose)
    #expect(try decoder.feed([1, 2]) == .init(content: [1, 2], taken: 2, isComplete: false))
    #expect(!decoder.isComplete)
    try decoder.finish()
  }

  @Test func `bytes before the range stay as they are`() throws {
    for framing in [MessageFraming.chunked, .length(2), .untilClose] {
      var bytes = Array("head|2\r\nab\r\n0\r\n\r\nnext".utf8)
      var decoder = BodyDecoder(framing)
      var span = bytes.mutableSpan
      let decoded = try decoder.decode(&span, 5..<(span.count - 4))
      #expect(bytes.prefix(5) == Array("head|".utf8)[...] && decoded.content.lowerBound == 5)
      #expect(bytes.suffix(4) == Array("next".utf8)[...] && decoded.end <= bytes.count - 4)
      if framing == .chunked { #expect(bytes[decoded.content] == Array("ab".utf8)[...]) }
    }
  }
}
