import Primitives
import Testing

@testable import Wire

@Suite struct WordTests {
  private static let texts: [[UInt8]] = (0..<2_000).map { seed in
    var random = SeededRandom(seed: UInt64(seed))
    let count = Int(random.next() % 40)
    // Mostly what may stand in a word, so that long ones occur.
    let word = Array("abzAZ09-.".utf8)
    return (0..<count).map { _ in
      random.next() % 16 == 0
        ? UInt8(truncatingIfNeeded: random.next()) : word[Int(random.next() % 9)]
    }
  }

  private static func isWord(_ byte: UInt8, dots: Bool) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D: true
    case 0x2E: dots
    default: false
    }
  }

  @Test(arguments: [false, true])
  func `a word ends where byte for byte it does, or earlier near the end`(
    dots: Bool
  ) {
    for text in Self.texts {
      for start in 0...text.count {
        let end = text.span.endOfWord(from: start, to: text.count, dots: dots)
        let actual = text[start...].firstIndex { !Self.isWord($0, dots: dots) } ?? text.count
        if start + 8 <= text.count {
          #expect(end == actual || end < actual && end + 8 > text.count)
        } else {
          #expect(end == start)
        }
      }
    }
  }

  @Test func `a byte is found where it is`() {
    for text in Self.texts {
      for byte in [UInt8(0), 0x2D, 0x61, 0x80, 0xFF] {
        for start in [0, 1, 7, text.count, text.count + 9] {
          let expected = start < text.count ? text[start...].firstIndex(of: byte) : nil
          #expect(text.span.firstIndex(of: byte, from: start) == expected)
        }
      }
    }
  }

  @Test func `the first control character is told from all others`() {
    for place in 0..<8 {
      for value in UInt8.min...UInt8.max {
        var bytes = [UInt8](repeating: 0x41, count: 8)
        bytes[place] = value
        let word = bytes.enumerated().reduce(UInt64(0)) {
          $0 | UInt64($1.element) << UInt64(8 * $1.offset)
        }
        let controls = Octets.controls(word)
        let isControl = value < 32 || value == 127
        #expect((controls != 0) == isControl)
        if isControl { #expect(controls.trailingZeroBitCount / 8 == place) }
      }
    }
  }
}
