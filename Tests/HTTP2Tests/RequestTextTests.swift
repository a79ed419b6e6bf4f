import HTTP2
import Primitives
import Testing
import Wire

struct RequestTextTests {
  private func text(
    _ fields: [(String, String)], endsStream: Bool = true
  ) throws(HTTP2HeadError) -> String {
    var text = HTTP2RequestText()
    for (name, value) in fields {
      try text.add(Array(name.utf8).span, Array(value.utf8).span)
    }
    try text.finish(endsStream: endsStream, nonce: (1, 2))
    return unsafe String(decoding: text.bytes, as: UTF8.self)
  }

  private func error(_ fields: [(String, String)], endsStream: Bool = true) -> HTTP2HeadError? {
    do {
      _ = try text(fields, endsStream: endsStream)
      return nil
    } catch {
      return error
    }
  }

  @Test func `a request becomes a head that is read as what it was`() throws {
    let written = try text(Frames.get("/a?b=c", [("accept", "*/*"), ("x-one", "")]))
    #expect(
      written
        == "GET /a?b=c HTTP/1.1\r\nhost: shop.example\r\naccept: */*\r\nx-one: \r\n\r\n")
    let head = try #require(RequestHead(text: Array(written.utf8)))
    #expect(head.method == .get && head.framing == .none)
  }

  @Test func `a body without a length is said to be chunked, one with a length is not`() throws {
    let post = [
      (":method", "POST"), (":scheme", "https"), (":authority", "a"), (":path", "/"),
    ]
    #expect(try text(post, endsStream: false).contains("transfer-encoding: chunked\r\n"))
    let sized = try text(post + [("content-length", "5")], endsStream: false)
    #expect(sized.contains("content-length: 5\r\n") && !sized.contains("chunked"))
    #expect(error(post + [("content-length", "5")]) == .bodyWithoutData)
    #expect(error(post + [("content-length", "0")]) == nil)
  }

  @Test func `the parts of a cookie are joined`() throws {
    let written = try text(
      Frames.get("/", [("cookie", "a=1"), ("accept", "*/*"), ("cookie", "b=2")]))
    #expect(written.hasSuffix("accept: */*\r\ncookie: a=1; b=2\r\n\r\n"))
  }

  @Test func `a host that agrees is said once, one that doesn't is refused`() throws {
    let written = try text(Frames.get("/", [("host", "SHOP.example")]))
    #expect(written == "GET / HTTP/1.1\r\nhost: shop.example\r\n\r\n")
    #expect(error(Frames.get("/", [("host", "other.example")])) == .authorityUnlikeHost)
    let alone = [(":method", "GET"), (":scheme", "http"), (":path", "/"), ("host", "b")]
    #expect(try text(alone) == "GET / HTTP/1.1\r\nhost: b\r\n\r\n")
  }

  @Test func `an extended CONNECT becomes an upgrade with a key of its own`() throws {
    let fields = [
      (":method", "CONNECT"), (":protocol", "websocket"), (":scheme", "https"), (":path", "/chat"),
      (":authority", "shop.example"), ("sec-websocket-version", "13"),
    ]
    let written = try text(fields, endsStream: false)
    #expect(
      written == """
        GET /chat HTTP/1.1\r
        host: shop.example\r
        sec-websocket-version: 13\r
        connection: Upgrade\r
        upgrade: websocket\r
        sec-websocket-key: AAAAAAAAAAEAAAAAAAAAAg==\r
        \r

        """)
    let head = try #require(RequestHead(text: Array(written.utf8)))
    #expect(!head.upgradeRange.isEmpty)
  }

  @Test(arguments: [
    ("connection", "close"), ("keep-alive", "1"), ("proxy-connection", "x"),
    ("transfer-encoding", "chunked"), ("upgrade", "h2c"),
  ])
  func `fields of a connection are refused`(name: String, value: String) {
    #expect(error(Frames.get("/", [(name, value)])) == .connectionField)
  }

  @Test func `TE says trailers or nothing`() throws {
    #expect(error(Frames.get("/", [("te", "trailers")])) == nil)
    #expect(error(Frames.get("/", [("te", "gzip")])) == .badTE)
    #expect(error(Frames.get("/", [("te", "trailers, gzip")])) == .badTE)
  }

  @Test(arguments: ["Accept", "", "a b", "a:b", "a\r\nb", "ä", "a\0"])
  func `a name that is no token in lower case is refused`(name: String) {
    #expect(error(Frames.get("/", [(name, "x")])) == .badFieldName)
  }

  @Test(arguments: ["a\r\nb: c", "a\nb", "a\rb", "a\0b", " a", "a\t", "\u{7F}"])
  func `a value with what ends a line, or white space around it, is refused`(value: String) {
    #expect(error(Frames.get("/", [("x", value)])) == .badFieldValue)
  }

  @Test func `pseudo-header fields come once, first, known, and with something in them`() {
    #expect(error(Frames.get() + [(":path", "/b")]) == .duplicatePseudoField)
    #expect(error([("accept", "x")] + Frames.get()) == .missingPseudoField)
    #expect(error(Frames.get("/", [("accept", "x"), (":path", "/")])) == .latePseudoField)
    #expect(error(Frames.get("/", [(":status", "200")])) == .unknownPseudoField)
    #expect(error(Frames.get("")) == .emptyPseudoField)
    for missing in [0, 1, 3] {
      var fields = Frames.get()
      fields.remove(at: missing)
      #expect(error(fields) == .missingPseudoField)
    }
  }

  @Test(arguments: ["/a b", "/a\tb", "a", "*", "http://x/", "/\u{E4}"])
  func `a path that is none is refused`(path: String) {
    #expect(error(Frames.get(path)) == .badPseudoField)
  }

  @Test func `a method, a scheme or an authority that is none is refused`() {
    #expect(error([(":method", "G T")] + Frames.get()[1...]) == .badPseudoField)
    var fields = Frames.get()
    fields[1] = (":scheme", "ftp")
    #expect(error(fields) == .badPseudoField)
    fields = Frames.get()
    fields[2] = (":authority", "a b")
    #expect(error(fields) == .badPseudoField)
    #expect(error(Frames.get() + [(":protocol", "websocket")]) == .badPseudoField)
  }

  @Test(arguments: 0..<200)
  func `whatever is let through is one head and ends where it ends`(seed: Int) throws {
    var random = SeededRandom(seed: UInt64(seed))
    let pieces = [
      ":method", ":path", ":scheme", ":authority", "GET", "/", "http", "a", "cookie",
      "te", "host", "\r\n", " ", "x", "\0", "content-length", "5", ":", "trailers", "CONNECT",
    ]
    var text = HTTP2RequestText()
    var wasRefused = false
    for field in Frames.get() where random.below(8) > 0 {
      wasRefused = wasRefused || !add(field, &text)
    }
    for _ in 0..<random.below(6) {
      let name = pieces[random.below(pieces.count)]
      let value = pieces[random.below(pieces.count)] + pieces[random.below(pieces.count)]
      wasRefused = wasRefused || !add((name, value), &text)
    }
    let isFinished = (try? text.finish(endsStream: random.below(2) == 0, nonce: (3, 4))) != nil
    guard !wasRefused, isFinished else { return }
    let bytes = unsafe Array(text.bytes)
    let end = try #require(
      bytes.indices.first {
        $0 + 4 <= bytes.count && Array(bytes[$0..<($0 + 4)]) == [13, 10, 13, 10]
      })
    #expect(end + 4 == bytes.count)
    if let head = RequestHead(text: bytes) { #expect(head.count == bytes.count) }
  }

  private func add(_ field: (String, String), _ text: inout HTTP2RequestText) -> Bool {
    (try? text.add(Array(field.0.utf8).span, Array(field.1.utf8).span)) != nil
  }
}
