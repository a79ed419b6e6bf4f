import Testing

@testable import Wire

@Suite struct CanonicalPathTests {
  private func form(_ path: String) -> String? {
    CanonicalPath.of(Array(path.utf8)).map { String(decoding: $0, as: UTF8.self) }
  }

  @Test(arguments: [
    ("/", "/"), ("/a/b", "/a/b"), ("/a/", "/a/"), ("//", "/"), ("//a//b//", "/a/b/"),
    ("/.", "/"), ("/./a", "/a"), ("/a/.", "/a/"), ("/a/./b", "/a/b"), ("/a/..", "/"),
    ("/a/../b", "/b"), ("/a/b/..", "/a/"), ("/a/b/../../c", "/c"), ("/a/b/../c/./d", "/a/c/d"),
    ("/...", "/..."), ("/.a", "/.a"), ("/..a", "/..a"), ("/a..", "/a.."), ("/a/...", "/a/..."),
    ("/%61", "/a"), ("/%41%7E%2d%5F", "/A~-_"), ("/%2e", "/"), ("/a/%2E%2e/b", "/b"),
    ("/a/.%2e", "/"), ("/%20", "/%20"), ("/%c3%a9", "/%C3%A9"), ("/%25", "/%25"),
    ("/%252e%252e/a", "/%252e%252e/a"), ("/a;b=1", "/a;b=1"), ("/a;", "/a;"),
    ("/%3b", "/%3B"), ("/%3a%40", "/%3A%40"), ("/a;v=1/../b", "/b"), ("/a//../b", "/b"),
    ("/.well-known/x", "/.well-known/x"), ("/a;..", "/a;.."), ("/%e0%a4%a4", "/%E0%A4%A4"),
    ("/%ff", "/%FF"), ("/%c0", "/%C0"), ("/%80", "/%80"),
  ])
  func `two ways to write a path have one form`(path: String, expected: String) {
    #expect(form(path) == expected)
    // The form is its own form.
    #expect(form(expected) == expected)
  }

  @Test(arguments: [
    "/..", "/../a", "/a/../..", "/a/../../b", "/%2e%2e", "/%2e%2e/", "/a%2fb", "/a%2Fb",
    "/a%5cb", "/a\\b", "/%00", "/a%0d%0a", "/%7f", "/%1f", "/%", "/%2", "/%zz", "/a%2g",
    "/%c0%ae", "/%c0%af", "/%c1%81", "/%e0%80%af", "/%e0%9f%bf", "/%f0%80%80%af", "/%f8%80",
    "/..;/a", "/a/..;x/b", "/.;/a", "/;/a", "/;x", "/a/;", "/%2e;/a", "/a/%2e%2e;b",
  ])
  func `what servers read in more than one way is refused`(path: String) {
    #expect(form(path) == nil)
  }

  @Test func `a plain path is told at a glance, wherever the bytes stand`() {
    let plain = ["/", "/a", "/api/orders/12345/items", "/a.b/c.d/e;f", "/x%".dropLast() + "y"]
    let others = [
      "//", "/a/.b", "/abcdef/.x", "/abcdefg/.x", "/a%20", "/a\\", "/a/;b", "/1234567//",
    ]
    for front in 0..<9 {
      for back in [0, 3, 20] {
        for (path, isPlain) in plain.map({ ($0, true) }) + others.map({ ($0, false) }) {
          let pad = String(repeating: "/", count: front)
          let bytes = Array((pad + path + String(repeating: "/", count: back)).utf8)
          let range = front..<(front + path.utf8.count)
          let found = CanonicalPath.isPlain(bytes.span, range)
          #expect(found == isPlain, "\(path) at \(front)")
        }
      }
    }
  }

  @Test func `the head keeps path and query in one range`() throws {
    var bytes = Array("GET /a/./%62/../c?x=/../%61 HTTP/1.1\r\nHost: a\r\n\r\n".utf8)
    var head = RequestHead()
    let isRead = try head.read(bytes.span)
    let isPlain = head.hasPlainPath(bytes.span)
    #expect(isRead && !isPlain)
    var span = bytes.mutableSpan
    try head.makePathCanonical(&span)
    #expect(String(decoding: bytes[head.pathRange], as: UTF8.self) == "/a/c")
    #expect(String(decoding: bytes[head.targetRange], as: UTF8.self) == "/a/c?x=/../%61")
  }
}
