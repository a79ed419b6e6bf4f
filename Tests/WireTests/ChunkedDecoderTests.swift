import Testing
import Wire

/// What decoding a whole input, in pieces, came to.
private enum Decoded: Equatable {
  case complete([UInt8], taken: Int)
  case incomplete([UInt8])
  case refused(BodyError)
}

private func decode(_ pieces: [ArraySlice<UInt8>]) -> Decoded {
  var decoder = BodyDecoder(.chunked)
  var (content, taken): ([UInt8], Int) = ([], 0)
  for piece in pieces {
    do throws(BodyError) {
      let part = try decoder.feed(piece)
      content += part.content
      taken += part.taken
      if part.isComplete { return .complete(content, taken: taken) }
    } catch { return .refused(error) }
  }
  return .incomplete(content)
}

private func decode(_ text: String) -> Decoded { decode([Array(text.utf8)[...]]) }

@Suite struct ChunkedDecoderTests {
  private let message = Array(
    "5\r\nhello\r\n00A;a=\"b;\\\"\";c\r\n, world...\r\n1;\r\n!\r\n0;x\r\nT: v\r\nU:\r\n\r\n".utf8)

  @Test func `the content is the same however the input is split`() {
    let expected = Decoded.complete(Array("hello, world...!".utf8), taken: message.count)
    let all = message + Array("next".utf8)
    for first in 0...all.count {
      for second in first...all.count {
        let pieces = [all[..<first], all[first..<second], all[second...]]
        guard decode(pieces) == expected else {
          Issue.record("split at \(first) and \(second)")
          return
        }
      }
    }
    #expect(decode(all.indices.map { all[$0...$0] }) == expected)
  }

  @Test func `every beginning of a good body is incomplete, and a close there is noticed`() throws {
    for count in message.indices {
      var decoder = BodyDecoder(.chunked)
      #expect(try decoder.feed(message[..<count]).isComplete == false)
      #expect(throws: BodyError.cutShort) { try decoder.finish() }
    }
  }

  @Test(arguments: [
    "\r\n", "g\r\n", "x5\r\nhello", "0x5\r\nhello", "-5\r\n", "+5\r\nhello", "5_0\r\n", " 5\r\n",
    "5 \r\nhello", "5 ;a\r\nhello", "5\nhello", "5\rhello", "5\r\rhello", "5;a\nhello",
    "5;a\rhello",
    "5;\u{0}\r\n", "5;\u{7F}\r\n", "5;a=\"b\r\n", "5;a=\"\\\r\n", "5;a=\"b\n\"\r\n",
    "5\r\nhelloX", "5\r\nhello\n0\r\n\r\n", "5\r\nhello\rX", "4\r\nhello\r\n",
    "6\r\nhello\r\n0\r\n\r\n",
    "5\r\nhello\r\n\r\n", "0\r\n\n", "0\r\n\rX", "0\r\nT\r\n\r\n", "0\r\n: v\r\n\r\n",
    "0\r\n T: v\r\n\r\n", "0\r\nT : v\r\n\r\n", "0\r\nT: \u{0}\r\n\r\n", "0\r\nT: v\n\r\n",
    "0\r\nT: v\rX", "0\r\nT: v\r\n folded\r\n\r\n", "1000000000000000\r\n",
    "0000000000000005\r\nhello",
    "8000000000000000\r\n", "ffffffffffffffff\r\n", "\u{FF15}\r\nhello",
  ])
  func `broken framing is refused`(text: String) {
    #expect(decode(text) == .refused(.badChunk))
    let bytes = Array(text.utf8)
    #expect(decode(bytes.indices.map { bytes[$0...$0] }) == .refused(.badChunk))
  }

  @Test func `the greatest size that is taken is fifteen digits`() {
    #expect(decode("fffffffffffffff\r\nab") == .incomplete(Array("ab".utf8)))
    #expect(decode("000000000000001\r\na\r\n0\r\n\r\n") == .complete([97], taken: 25))
  }

  @Test func `extensions and trailers have a greatest size`() {
    // The carriage return counts.
    let longest = String(repeating: "e", count: ChunkLimits.extensionBytes - 1)
    #expect(decode("1;\(longest)\r\na\r\n") == .incomplete([97]))
    #expect(decode("1;\(longest)e\r\na\r\n") == .refused(.overheadTooLarge))
    let trailers = "T: " + String(repeating: "v", count: ChunkLimits.trailerBytes - 7) + "\r\n\r\n"
    #expect(decode("0\r\n" + trailers) == .complete([], taken: ChunkLimits.trailerBytes + 3))
    #expect(decode("0\r\nX" + trailers) == .refused(.overheadTooLarge))
    #expect(
      decode("0\r\n" + String(repeating: "T:v\r\n", count: 4_000)) == .refused(.overheadTooLarge))
  }

  @Test func `endless tiny chunks stop at the overhead's limit, large ones go on`() throws {
    var decoder = BodyDecoder(.chunked)
    let tiny = Array(repeating: Array("1\r\na\r\n".utf8), count: 1_000).flatMap { $0 }
    var content = 0
    #expect(throws: BodyError.overheadTooLarge) {
      for _ in 0..<1_000 { content += try decoder.feed(tiny).content.count }
    }
    // Five bytes of framing less one of content for each chunk.
    #expect((260_000...263_000).contains(content))

    decoder = BodyDecoder(.chunked)
    let large = Array("3e8\r\n".utf8) + [UInt8](repeating: 1, count: 1_000) + Array("\r\n".utf8)
    for _ in 0..<5_000 { #expect(try decoder.feed(large).content.count == 1_000) }
  }

  @Test(arguments: [UInt64(1), 2, 3, 4])
  func `a plain decoder of the whole input comes to the same`(seed: UInt64) {
    var random = SeededBytes(seed: seed)
    var outcomes = [0, 0, 0]
    for round in 0..<4_000 {
      let input = random.message()
      let expected = PlainChunkedDecoder.decode(input)
      let found = decode(random.pieces(of: input))
      switch expected {
      case .complete(let content, let taken):
        outcomes[0] += 1
        #expect(found == .complete(content, taken: taken), "seed \(seed), round \(round)")
      case .incomplete:
        outcomes[1] += 1
        guard case .incomplete = found else {
          Issue.record("seed \(seed), round \(round): \(found)")
          return
        }
      case .bad:
        outcomes[2] += 1
        #expect(found == .refused(.badChunk), "seed \(seed), round \(round)")
      }
    }
    // The inputs are of all kinds.
    #expect(outcomes.allSatisfy { $0 > 300 }, "\(outcomes)")
  }
}
