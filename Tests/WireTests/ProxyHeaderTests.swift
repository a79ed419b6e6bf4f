import Primitives
import Testing
import Wire

@Suite struct ProxyHeaderTests {
  private func read(_ bytes: [UInt8]) throws(ProxyHeader.Problem) -> ProxyHeader? {
    try ProxyHeader.read(bytes.span)
  }

  private func read(_ text: String) throws(ProxyHeader.Problem) -> ProxyHeader? {
    try read(Array(text.utf8))
  }

  private func written(
    _ version: ProxyHeader.Version, _ source: SocketAddress?, _ destination: SocketAddress?
  ) -> [UInt8] {
    var writer = ByteWriter(capacity: 256)
    ProxyHeader.write(version, source: source, destination: destination, to: &writer)
    return unsafe Array(writer.bytes)
  }

  static let signature: [UInt8] = [13, 10, 13, 10, 0, 13, 10, 0x51, 0x55, 0x49, 0x54, 10]

  static func binary(_ command: UInt8, _ kind: UInt8, _ body: [UInt8], size: Int? = nil) -> [UInt8]
  {
    let count = size ?? body.count
    return signature + [command, kind, UInt8(count >> 8), UInt8(count & 255)] + body
  }

  /// 192.0.2.7:56324 to 198.51.100.9:443.
  static let ipv4: [UInt8] = [192, 0, 2, 7, 198, 51, 100, 9, 0xDC, 0x04, 0x01, 0xBB]

  // MARK: Version 1

  @Test func `the lines of the specification are read`() throws {
    let old = "PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\n"
    #expect(
      try read(old)
        == ProxyHeader(
          source: SocketAddress("255.255.255.255:65535"),
          destination: SocketAddress("255.255.255.255:65535"), count: 56))
    let all = "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"
    #expect(try read("PROXY TCP6 \(all) \(all) 65535 65535\r\n")?.count == 104)
    #expect(try read("PROXY UNKNOWN\r\n") == ProxyHeader(count: 15))
    // The longest line there may be.
    let longest = "PROXY UNKNOWN \(all) \(all) 65535 65535\r\n"
    #expect(longest.utf8.count == ProxyHeader.longestText)
    #expect(try read(longest + "GET /") == ProxyHeader(count: 107))
  }

  @Test func `a line is waited for until its end`() throws {
    let line = Array("PROXY TCP4 192.168.0.1 192.168.0.11 56324 443\r\nGET / HTTP/1.1\r\n".utf8)
    for count in 0..<47 { #expect(try read(Array(line[..<count])) == nil, "\(count) bytes") }
    let header = try read(line)
    #expect(header?.count == 47)
    #expect(header?.source == SocketAddress("192.168.0.1:56324"))
    #expect(header?.destination == SocketAddress("192.168.0.11:443"))
  }

  @Test(arguments: [
    "PROXY TCP4 1.2.3.4 5.6.7.8 1\r\n", "PROXY TCP4 1.2.3.4 5.6.7.8 1 2 3\r\n",
    "PROXY TCP4  1.2.3.4 5.6.7.8 1 2\r\n", "PROXY TCP4 1.2.3.4 5.6.7.8 1 65536\r\n",
    "PROXY TCP4 1.2.3.4 5.6.7.8 01 2\r\n", "PROXY TCP4 1.2.3.4 5.6.7.8 -1 2\r\n",
    "PROXY TCP4 1.2.3.04 5.6.7.8 1 2\r\n", "PROXY TCP4 1.2.3 5.6.7.8 1 2\r\n",
    "PROXY TCP4 ::1 ::1 1 2\r\n", "PROXY TCP6 1.2.3.4 5.6.7.8 1 2\r\n",
    "PROXY TCP6 [::1] ::1 1 2\r\n", "PROXY UDP4 1.2.3.4 5.6.7.8 1 2\r\n", "PROXY \r\n",
    "PROXY TCP4 1.2.3.4 5.6.7.8 1 2\rx", "PROXY TCP4 1.2.3.4 5.6.7.8 1 2 \r\n",
    "PROXY tcp4 1.2.3.4 5.6.7.8 1 2\r\n", "PROXY TCP4 1.2.3.4\t5.6.7.8 1 2\r\n",
  ])
  func `a line that is not as it has to be is refused`(line: String) {
    #expect(throws: ProxyHeader.Problem.malformed) { try read(line) }
  }

  @Test func `what has no end is too long, and other bytes are no header`() {
    let endless = "PROXY UNKNOWN " + String(repeating: "x", count: 100)
    #expect(throws: ProxyHeader.Problem.tooLong) { try read(endless) }
    for text in ["GET / HTTP/1.1\r\n", "PROXZ", "proxy TCP4", "\r\n\r\nx", "P\0"] {
      #expect(throws: ProxyHeader.Problem.missing) { try read(text) }
    }
  }

  // MARK: Version 2

  @Test func `binary headers are read, with what follows the addresses left out`() throws {
    let plain = Self.binary(0x21, 0x11, Self.ipv4)
    for count in 0..<28 { #expect(try read(Array(plain[..<count])) == nil, "\(count) bytes") }
    let expected = ProxyHeader(
      source: SocketAddress("192.0.2.7:56324"), destination: SocketAddress("198.51.100.9:443"),
      count: 28)
    #expect(try read(plain + [1, 2, 3]) == expected)
    // A checksum (section 2.2.4) and one more value.
    let checked =
      Self.ipv4 + [0x03, 0, 4, 0xBF, 0x93, 0x60, 0xDE] + [0x04, 0, 3] + Array("abc".utf8)
    #expect(try read(Self.binary(0x21, 0x11, checked))?.source == expected.source)
    var wrong = checked
    wrong[18] ^= 1
    #expect(throws: ProxyHeader.Problem.badChecksum) { try read(Self.binary(0x21, 0x11, wrong)) }
    let new = [UInt8](repeating: 0, count: 15) + [1] + [UInt8](repeating: 0xFE, count: 16)
    #expect(
      try read(Self.binary(0x21, 0x21, new + [0, 80, 1, 0]))
        == ProxyHeader(
          source: SocketAddress("[::1]:80"),
          destination: .ipv6(high: 0xFEFE_FEFE_FEFE_FEFE, low: 0xFEFE_FEFE_FEFE_FEFE, port: 256),
          count: 52))
  }

  @Test func `who speaks for itself, or has no IP address, names nobody`() throws {
    #expect(try read(Self.binary(0x20, 0x00, [])) == ProxyHeader(count: 16))
    // Nothing behind LOCAL is looked at.
    #expect(try read(Self.binary(0x20, 0xFF, [1, 2])) == ProxyHeader(count: 18))
    #expect(try read(Self.binary(0x21, 0x00, [])) == ProxyHeader(count: 16))
    let paths = [UInt8](repeating: 65, count: 216)
    #expect(try read(Self.binary(0x21, 0x31, paths)) == ProxyHeader(count: 232))
  }

  @Test func `binary headers that are not as they have to be are refused`() {
    let wrong: [[UInt8]] = [
      Self.binary(0x11, 0x11, Self.ipv4), Self.binary(0x22, 0x11, Self.ipv4),
      Self.binary(0x21, 0x12, Self.ipv4), Self.binary(0x21, 0x41, Self.ipv4),
      Self.binary(0x21, 0x11, Array(Self.ipv4.dropLast())), Self.binary(0x21, 0x21, Self.ipv4),
      Self.binary(0x21, 0x31, Self.ipv4), Self.binary(0x21, 0x11, Self.ipv4 + [1]),
      Self.binary(0x21, 0x11, Self.ipv4 + [4, 0, 9, 1]),
      Self.binary(0x21, 0x11, Self.ipv4 + [3, 0, 3, 1, 1, 1]),
    ]
    for bytes in wrong { #expect(throws: ProxyHeader.Problem.malformed) { try read(bytes) } }
    #expect(throws: ProxyHeader.Problem.tooLong) {
      try read(Self.binary(0x21, 0x11, Self.ipv4, size: 65_535))
    }
  }

  // MARK: Writing

  @Test func `what is written is what is read`() throws {
    let (old, new) = (SocketAddress("10.0.0.1:1234"), SocketAddress("[2001:db8::1]:443"))
    for version in [ProxyHeader.Version.text, .binary] {
      for (source, destination) in [(old, old), (new, new)] {
        let bytes = written(version, source, destination)
        let expected = ProxyHeader(source: source, destination: destination, count: bytes.count)
        #expect(try read(bytes) == expected)
      }
      // Of two families, both as the newer.
      let mixed = try read(written(version, old, new))
      #expect(mixed?.source == old && mixed?.destination == new)
      for (source, destination) in [(nil, nil), (SocketAddress.unix(path: "/s"), old)] {
        let bytes = written(version, source, destination)
        #expect(try read(bytes) == ProxyHeader(count: bytes.count))
      }
      var writer = ByteWriter(capacity: 64)
      ProxyHeader.writeLocal(version, to: &writer)
      #expect(try read(unsafe Array(writer.bytes)) == ProxyHeader(count: writer.count))
    }
    #expect(
      written(.text, old, old) == Array("PROXY TCP4 10.0.0.1 10.0.0.1 1234 1234\r\n".utf8))
  }

  @Test(arguments: 0..<200 as Range<UInt64>)
  func `no bytes trap, and the parts of a header say no more than the whole`(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    var bytes = written(
      random.below(2) == 0 ? .text : .binary, SocketAddress("10.0.0.1:9"),
      SocketAddress("10.0.0.2:80"))
    for _ in 0..<random.below(4) {
      bytes[random.below(bytes.count)] = UInt8(truncatingIfNeeded: random.next())
    }
    let whole = try? read(bytes)
    for count in 0..<bytes.count {
      guard let part = try? read(Array(bytes[..<count])) else { continue }
      #expect(part == whole)
    }
  }
}
