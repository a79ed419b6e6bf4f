import Compression
import Primitives
import Testing
import Topology

@Suite struct EncoderTests {
  /// Encodes pieces through a window.
  private func encode(
    _ pieces: [(content: [UInt8], mode: Encoder.Mode)], _ encoder: Encoder, window: Int
  ) throws -> [UInt8] {
    var memory = [UInt8](repeating: 0, count: window)
    var output: [UInt8] = []
    for piece in pieces {
      var taken = 0
      var rounds = 0
      while true {
        let step = try unsafe piece.content.withUnsafeBytes { input in
          try unsafe memory.withUnsafeMutableBytes { memory in
            try unsafe encoder.encode(
              UnsafeRawBufferPointer(rebasing: input[taken...]), piece.mode, into: memory)
          }
        }
        taken += step.consumed
        output += memory[..<step.produced]
        if step.isDone { break }
        rounds += 1
        try #require(rounds < 1_000_000, "it stands still")
      }
      #expect(taken == piece.content.count)
    }
    return output
  }

  private func taken(
    _ pool: inout EncoderPool, _ coding: ContentCoding, level: Int = 3, size: Int64? = nil
  ) throws -> (place: Int, encoder: Encoder) {
    let taken = pool.take(coding, level: level, size: size)
    let place = try #require(taken)
    let encoder = try #require(pool[place])
    return (place, encoder)
  }

  /// Text, noise, zeros, and nothing.
  private func content(_ random: inout SeededRandom) -> [UInt8] {
    let count = [0, 1, 100, 5_000, 70_000, 300_000][random.below(6)]
    switch random.below(3) {
    case 0: return (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) }
    case 1: return [UInt8](repeating: 0, count: count)
    default:
      let words = ["<div class=\"", "shop", "\">", " price ", "1", "2", "€"].map { Array($0.utf8) }
      var text: [UInt8] = []
      while text.count < count { text += words[random.below(words.count)] }
      return text
    }
  }

  @Test(arguments: ContentCoding.allCases)
  func `what was encoded in any pieces comes to the same`(coding: ContentCoding) throws {
    var random = SeededRandom(seed: 41)
    var pool = EncoderPool()
    for round in 0..<24 {
      let original = content(&random)
      let isKnown = random.below(2) == 0
      let level = 1 + random.below(6)
      let (place, encoder) = try taken(
        &pool, coding, level: level, size: isKnown ? Int64(original.count) : nil)
      var pieces: [(content: [UInt8], mode: Encoder.Mode)] = []
      var offset = 0
      while offset < original.count {
        let end = min(
          original.count, offset + 1 + random.below(random.below(2) == 0 ? 100 : 70_000))
        pieces.append((Array(original[offset..<end]), random.below(3) == 0 ? .flush : .more))
        offset = end
      }
      pieces.append(([], .finish))
      let window = [64, 100, 1_000, 16_384][random.below(4)]
      let encoded = try encode(pieces, encoder, window: window)
      let decoded = try #require(decode(coding, encoded), "round \(round)")
      #expect(decoded.isWhole && decoded.content == original, "round \(round)")
      #expect(encoder.inputBytes == Int64(original.count))
      #expect(encoder.outputBytes == Int64(encoded.count))
      pool.give(place)
    }
  }

  @Test(arguments: ContentCoding.allCases)
  func `after a flush all of it can be read`(coding: ContentCoding) throws {
    var random = SeededRandom(seed: 42)
    var pool = EncoderPool()
    let (_, encoder) = try taken(&pool, coding)
    var (original, encoded): ([UInt8], [UInt8]) = ([], [])
    for number in 0..<50 {
      let event = Array("data: event \(number) \(random.below(1_000))\n\n".utf8)
      original += event
      encoded += try encode([(event, .flush)], encoder, window: 64)
      #expect(!encoder.holdsBack)
      let decoded = try #require(decode(coding, encoded))
      #expect(!decoded.isWhole && decoded.content == original, "event \(number)")
    }
    // Nothing came in between.
    #expect(try encode([([], .flush)], encoder, window: 64) == [])
    encoded += try encode([([], .finish)], encoder, window: 64)
    #expect(decode(coding, encoded)?.isWhole == true)
  }

  @Test(arguments: ContentCoding.allCases)
  func `what is cut short does not look whole`(coding: ContentCoding) throws {
    var pool = EncoderPool()
    let (_, encoder) = try taken(&pool, coding)
    let text = [UInt8](repeating: 97, count: 10_000)
    let encoded = try encode([(text, .flush)], encoder, window: 1_000)
    #expect(decode(coding, encoded)?.isWhole == false)
  }

  @Test(arguments: ContentCoding.allCases)
  func `an encoder serves one answer after another, also after one that broke off`(
    coding: ContentCoding
  ) throws {
    var pool = EncoderPool()
    for number in 0..<5 {
      let (place, encoder) = try taken(&pool, coding)
      let text = Array("answer \(number)".utf8)
      if number % 2 == 1 {
        _ = try encode([(text, .more)], encoder, window: 100)
      } else {
        let encoded = try encode([(text, .finish)], encoder, window: 100)
        #expect(decode(coding, encoded)?.content == text)
        #expect(throws: Encoder.Failure.self) {
          _ = try encode([(text, .more)], encoder, window: 100)
        }
      }
      pool.give(place)
      #expect(pool.count == 0 && pool[place] == nil)
    }
  }

  @Test func `zstd takes no more and no less than what was announced`() throws {
    var pool = EncoderPool()
    for count in [9, 11] {
      let (place, encoder) = try taken(&pool, .zstd, size: 10)
      #expect(throws: Encoder.Failure.self) {
        let pieces = [
          ([UInt8](repeating: 0, count: count - 1), .flush), ([0], Encoder.Mode.finish),
        ]
        _ = try encode(pieces, encoder, window: 100)
      }
      pool.give(place)
    }
  }

  @Test func `a pool has a limit, counts what is over it, and gives places again`() throws {
    var pool = EncoderPool()
    var places: [Int] = []
    for _ in 0..<EncoderPool.limit {
      places.append(try taken(&pool, .gzip, level: 1).place)
    }
    #expect(Set(places).count == EncoderPool.limit)
    let refused = pool.take(.brotli, level: 1, size: nil)
    #expect(refused == nil)
    #expect(pool.refusals == 1)
    for place in places { pool.give(place) }
    // Given back twice, or never taken, is nothing.
    pool.give(places[0])
    pool.give(1_000)
    #expect(pool.count == 0)
    let again = try taken(&pool, .zstd)
    #expect(places.contains(again.place))
  }
}
