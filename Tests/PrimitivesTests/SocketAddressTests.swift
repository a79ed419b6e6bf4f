import Primitives
import Testing

@Suite struct SocketAddressTests {
  @Test(arguments: [
    ("1.2.3.4:80", SocketAddress.ipv4(address: 0x0102_0304, port: 80)),
    ("0.0.0.0:0", .ipv4(address: 0, port: 0)),
    ("255.255.255.255:65535", .ipv4(address: .max, port: 65_535)),
    ("localhost:8080", .loopback(port: 8_080)), (":80", .ipv6(high: 0, low: 0, port: 80)),
    ("[::1]:80", .ipv6(high: 0, low: 1, port: 80)),
    ("[2001:DB8::1]:443", .ipv6(high: 0x2001_0DB8_0000_0000, low: 1, port: 443)),
    ("unix:/run/a.sock", .unix(path: "/run/a.sock")), ("unix:relative", .unix(path: "relative")),
  ])
  func `an address is read`(text: String, expected: SocketAddress) {
    #expect(SocketAddress(text) == expected)
  }

  @Test(arguments: [
    "", ":", "80", "1.2.3.4", "1.2.3.4:", "1.2.3.4:65536", "1.2.3.4:-1", "1.2.3.4:+1",
    "1.2.3.4:0x50",
    "1.2.3.4:000080", "1.2.3.4: 80", "1.2.3.4:80 ", "1.2.3:80", "1.2.3.4.5:80", "256.2.3.4:80",
    "01.2.3.4:80", "1..3.4:80", "+1.2.3.4:80", "1.2.3.\u{0664}:80", "example.com:80",
    "LOCALHOST:80",
    "::1:80", "2001:db8::1:8080", ":::80", "[::1:80", "::1]:80", "[]:80", "[[::1]]:80",
    "[1.2.3.4]:80", "[::1]80", "[::1]", "[:::]:80", "[1::2::3]:80", "[1:2:3:4:5:6:7]:80",
    "[1:2:3:4:5:6:7:8:9]:80", "[1:2:3:4:5:6:7:8::]:80", "[::12345]:80", "[::g]:80", "[:1::]:80",
    "[::+1]:80", "[fe80::1%eth0]:80", "[::1.2.3.256]:80", "[::1.2.3]:80", "[1.2.3.4::]:80",
    "[1:2:3:4:5:6:7:1.2.3.4]:80", "unix:", "unix:/a\u{0}b", "unix",
  ])
  func `what is no address is refused`(text: String) {
    #expect(SocketAddress(text) == nil)
  }

  @Test func `a path fits its kernel structure or is refused`() {
    let longest = String(repeating: "p", count: SocketAddress.longestUnixPath)
    #expect(SocketAddress("unix:\(longest)") == .unix(path: longest))
    #expect(SocketAddress("unix:\(longest)p") == nil)
  }

  /// RFC 5952 section 4, and the forms of RFC 4291 section 2.2.
  @Test(arguments: [
    ("0:0:0:0:0:0:0:0", "::"), ("::", "::"), ("0:0:0:0:0:0:0:1", "::1"), ("1::", "1::"),
    ("2001:0db8::0001", "2001:db8::1"), ("2001:db8:0:0:0:0:2:1", "2001:db8::2:1"),
    ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"), ("2001:0:0:1:0:0:0:1", "2001:0:0:1::1"),
    ("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"), ("2001:DB8::A:BC", "2001:db8::a:bc"),
    ("1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"), ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"),
    ("::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"), ("::ffff:192.0.2.1", "::ffff:c000:201"),
    ("64:ff9b::192.0.2.33", "64:ff9b::c000:221"), ("1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304"),
    ("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
  ])
  func `an IPv6 address has one written form`(text: String, canonical: String) {
    #expect(SocketAddress(host: text, port: 1)?.host == canonical)
    #expect(SocketAddress("[\(text)]:1")?.description == "[\(canonical)]:1")
  }

  @Test func `every address is read back from its description`() {
    var random = SeededRandom(seed: 7)
    for _ in 0..<5_000 {
      // Masks make runs of zero groups likely.
      let mask = random.next() & random.next()
      let address: SocketAddress =
        random.below(3) == 0
        ? .ipv4(address: UInt32(truncatingIfNeeded: random.next()), port: 7)
        : .ipv6(high: spread(random.next() & mask), low: spread(random.next()), port: 65_535)
      #expect(SocketAddress(address.description) == address)
    }
  }

  /// Clears groups of sixteen bits by the number's lowest bits.
  private func spread(_ number: UInt64) -> UInt64 {
    var result = number
    for group in 0..<4 where number >> UInt64(group) & 1 == 0 {
      result &= ~(UInt64(0xFFFF) << UInt64(16 * group))
    }
    return result
  }

  @Test func `only sockets with an address have a port`() {
    #expect(SocketAddress.loopback(port: 9).port == 9)
    #expect(SocketAddress.unix(path: "/a").port == nil)
    #expect(SocketAddress.unix(path: "/a").description == "unix:/a")
  }
}
