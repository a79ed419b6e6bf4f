import Testing
import Wire

@Suite struct HostSyntaxTests {
  private func isValid(_ bytes: [UInt8], _ range: Range<Int>) -> Bool {
    HostSyntax.isValid(bytes.span, range)
  }

  @Test(arguments: [
    ("a", "a"), ("a.example", "a.example"), ("a.example.", "a.example"), ("a:80", "a"),
    ("a.:80", "a"), ("a:", "a"), ("A_b-c~!$&'()*+;=", "A_b-c~!$&'()*+;="),
    ("1.2.3.4:65535", "1.2.3.4"),
    ("[::1]", "[::1]"), ("[::1]:8080", "[::1]"), ("[::ffff:1.2.3.4]:", "[::ffff:1.2.3.4]"),
    ("123", "123"), ("123:45", "123"), (".", "."), ("..", "."),
  ])
  func `a valid host gives the name that routes compare`(host: String, name: String) {
    let bytes = Array("<\(host)>".utf8)
    let range = 1..<(bytes.count - 1)
    let found = bytes[HostSyntax.name(bytes.span, range)]
    #expect(isValid(bytes, range))
    #expect(String(decoding: found, as: UTF8.self) == name)
  }

  @Test func `a host has a greatest length`() {
    let longest = [UInt8](repeating: UInt8(ascii: "a"), count: 261)
    #expect(isValid(longest, 0..<261))
    let longer = longest + [UInt8(ascii: "a")]
    #expect(!isValid(longer, 0..<262))
    #expect(!isValid(longer, 5..<5))
  }

  @Test func `no bytes whatever make reading a host trap`() {
    let alphabet = Array("a1:.[]@/%".utf8)
    var texts: [[UInt8]] = [[]]
    for _ in 0..<5 {
      texts = texts.flatMap { text in alphabet.map { text + [$0] } }
      for text in texts {
        let name = HostSyntax.name(text.span, 0..<text.count)
        guard isValid(text, 0..<text.count) else { continue }
        #expect(!name.isEmpty && name.lowerBound == 0)
        #expect(!text.contains(UInt8(ascii: "@")) && !text.contains(UInt8(ascii: "/")))
      }
    }
  }
}
