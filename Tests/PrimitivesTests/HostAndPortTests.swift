import Primitives
import Testing

@Suite struct HostAndPortTests {
  @Test(arguments: [
    ("a", "a", 7), ("a.example.com:80", "a.example.com", 80), ("10.0.0.1:65535", "10.0.0.1", 65535),
    ("[::1]", "::1", 7), ("[fd00::1]:9", "fd00::1", 9),
  ])
  func `a host stands with its port or without`(text: String, host: String, port: UInt16) throws {
    let found = try #require(HostAndPort(text, usualPort: 7))
    #expect(found.host == host && found.port == port)
    #expect(HostAndPort(found.description, usualPort: 1) == found)
  }

  @Test(arguments: [
    "", ":", ":80", "a:", "a:0", "a:65536", "a:+1", "a:1:2", "::1", "[::1", "[]", "[a]", "[::1]x",
    "a b", "a/b", "é", "http://a", "a:999999999999999999999",
  ])
  func `what is none is refused`(text: String) {
    #expect(HostAndPort(text, usualPort: 7) == nil)
  }
}
