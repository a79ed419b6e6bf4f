import Testing

@testable import Wire

@Suite struct CookieFieldTests {
  private func value(_ field: String, _ name: String = "sid") -> String? {
    let bytes = Array("GET / HTTP/1.1\r\nHost: a\r\n\(field)\r\n\r\n".utf8)
    var head = RequestHead()
    guard (try? head.read(bytes.span)) == true else { return "refused" }
    return CookieField.find(head, bytes.span, name: Array(name.utf8)).map {
      String(decoding: bytes[$0], as: UTF8.self)
    }
  }

  @Test(arguments: [
    ("Cookie: sid=1", "1"), ("cookie: sid=1;sid=2", "1"),
    ("Cookie: a=b;  sid=\"x y\" ;c=d", "\"x y\""),
    ("Cookie: ;;sid=1=2;", "1=2"), ("Cookie: a=1\r\nCookie: b=2; sid=3", "3"), ("Cookie: sid=", ""),
    ("Cookie: theme=a-long-value-of-more-than-eight-bytes; sid=12345678", "12345678"),
  ])
  func `a cookie's value is found`(field: String, expected: String) {
    #expect(value(field) == expected)
  }

  @Test(arguments: [
    "Cookie: SID=1", "Cookie: xsid=1", "Cookie: sidx=1", "Cookie: sid", "Cookie: a=sid=1",
    "Cookie: sid =1", "Cookie:", "Cookies: sid=1", "Set-Cookie: sid=1", "Cookie: s; i; d",
  ])
  func `another cookie is not taken for it`(field: String) {
    #expect(value(field) == nil)
  }

  @Test func `a byte is found wherever it stands`() {
    for count in 0..<40 {
      for place in 0...count {
        var bytes = [UInt8](repeating: 0xBB, count: count)
        if place < count { bytes[place] = 0x3B }
        for start in 0...place {
          #expect(bytes.span.index(of: 0x3B, in: start..<count) == place)
        }
      }
    }
  }
}
