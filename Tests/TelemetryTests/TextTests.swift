import Foundation
import Primitives
import Telemetry
import Testing

@Suite struct EscapedTextTests {
  @Test(arguments: [
    ("plain text", "plain text"), ("über 東京 🚀", "über 東京 🚀"), ("two\nlines", "two\\nlines"),
    ("back\rover", "back\\rover"), ("a\tb", "a\\tb"), ("\u{1b}[31mred", "\\x1b[31mred"),
    ("\u{0}", "\\x00"), ("\u{7f}", "\\x7f"), ("\u{9b}31m", "\\u{9b}31m"),
    ("a\u{202e}b", "a\\u{202e}b"), ("a\u{2028}b", "a\\u{2028}b"), ("\\n", "\\\\n"), ("", ""),
  ])
  func `text from outside becomes one harmless line`(text: String, escaped: String) {
    #expect(EscapedText(text).description == escaped)
  }

  @Test func `bytes that are no UTF-8 are shown as bytes`() {
    #expect(EscapedText(bytes: [0x61, 0xFF, 0x62]).description == "a\\xffb")
    // An overlong slash, a surrogate, a cut sequence.
    #expect(EscapedText(bytes: [0xC0, 0xAF]).description == "\\xc0\\xaf")
    #expect(EscapedText(bytes: [0xED, 0xA0, 0x80]).description == "\\xed\\xa0\\x80")
    #expect(EscapedText(bytes: [0xE6, 0x9D]).description == "\\xe6\\x9d")
  }

  @Test func `long text is cut at the limit and says so`() {
    let text = EscapedText(bytes: [UInt8](repeating: 97, count: 100), limit: 10).description
    #expect(text == "aaaaaaaaaa…")
  }

  @Test func `no random bytes leave a control character`() {
    var random = SeededRandom(seed: 3)
    for _ in 0..<2_000 {
      let bytes = (0..<random.below(40)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
      let text = EscapedText(bytes: bytes).description
      #expect(
        text.unicodeScalars.allSatisfy { $0.value >= 0x20 && !(0x7F..<0xA0).contains($0.value) })
    }
  }
}

@Suite struct JSONTextTests {
  private func quoted(_ bytes: [UInt8]) -> [UInt8] {
    var buffer: [UInt8] = []
    JSONText.appendQuoted(bytes.span, to: &buffer)
    return buffer
  }

  @Test(arguments: [
    ("plain", "\"plain\""), ("a\"b\\c", "\"a\\\"b\\\\c\""), ("\n\r\t", "\"\\n\\r\\t\""),
    ("\u{1b}\u{7f}\u{0}", "\"\\u001b\\u007f\\u0000\""), ("東京 🚀", "\"東京 🚀\""), ("", "\"\""),
    ("\u{9b}\u{202e}\u{feff}", "\"\\u009b\\u202e\\ufeff\""),
  ])
  func `a string is quoted as JSON wants it`(text: String, json: String) {
    var buffer: [UInt8] = [0x3A]
    JSONText.appendQuoted(text, to: &buffer)
    #expect(String(decoding: buffer, as: UTF8.self) == ":" + json)
  }

  @Test func `bytes that are no UTF-8 become the replacement character`() {
    #expect(quoted([0x61, 0xFF, 0x62]) == Array("\"a\\ufffdb\"".utf8))
    #expect(quoted([0xE6, 0x9D]) == Array("\"\\ufffd\\ufffd\"".utf8))
  }

  @Test func `whatever the bytes are, another parser reads the string back`() throws {
    var random = SeededRandom(seed: 4)
    for round in 0..<2_000 {
      let bytes = (0..<random.below(60)).map { _ in
        UInt8(truncatingIfNeeded: round % 2 == 0 ? random.next() : random.next() % 128)
      }
      let json = quoted(bytes)
      #expect(json.allSatisfy { $0 >= 0x20 && $0 != 0x7F })
      let back = try JSONDecoder().decode(String.self, from: Data(json))
      if round % 2 == 1 { #expect(Array(back.utf8) == bytes) }
    }
  }
}
