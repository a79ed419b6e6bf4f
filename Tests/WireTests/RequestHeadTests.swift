import Testing
import Wire

/// What a good head means.
private struct Good: CustomTestStringConvertible {
  var text: String
  var method: Wire.Method
  var target: String
  var path: String
  var host: String
  var framing: MessageFraming
  var keepsAlive: Bool

  init(
    _ text: String, _ method: Wire.Method = .get, target: String = "/", path: String? = nil,
    host: String = "a", framing: MessageFraming = .none, keepsAlive: Bool = true
  ) {
    self.text = text
    self.method = method
    self.target = target
    self.path = path ?? target
    self.host = host
    self.framing = framing
    self.keepsAlive = keepsAlive
  }

  var testDescription: String { text.debugDescription }
}

private let goodHeads: [Good] = [
  Good("GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
  Good("\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"),
  Good(
    "HEAD /x/y?q=1?2&r=/ HTTP/1.1\r\nHost:a.b:80\r\n\r\n", .head, target: "/x/y?q=1?2&r=/",
    path: "/x/y", host: "a.b:80"),
  Good("DELETE /\\|{}\"<> HTTP/1.1\r\nhost: \t a \t \r\n\r\n", .delete, target: "/\\|{}\"<>"),
  Good("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", .options, target: "*"),
  Good("BREW / HTTP/1.1\r\nHost: a\r\n\r\n", .other),
  Good("get / HTTP/1.1\r\nHost: a\r\n\r\n", .other),
  Good("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n", .post, framing: .length(5)),
  Good("PUT / HTTP/1.1\r\nHost: a\r\ncontent-length:0\r\n\r\n", .put, framing: .length(0)),
  Good(
    "PATCH / HTTP/1.1\r\nHost: a\r\nContent-Length: 9223372036854775807\r\n\r\n", .patch,
    framing: .length(.max)),
  Good(
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: CHUNKED\r\n\r\n", .post, framing: .chunked),
  Good("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\n", framing: .length(3)),
  Good("GET / HTTP/1.1\r\nHost: a\r\nConnection: x, , Close\r\n\r\n", keepsAlive: false),
  Good("GET / HTTP/1.1\r\nHost: a\r\nConnection:\r\nX:\r\nY: \u{E9}\tz\r\n\r\n"),
  Good("GET / HTTP/1.0\r\n\r\n", host: "", keepsAlive: false),
  Good("GET / HTTP/1.0\r\nHost: a\r\nConnection: Keep-Alive\r\n\r\n"),
  Good(
    "GET / HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\nConnection: close\r\n\r\n",
    keepsAlive: false),
  Good("GET http://b:81/p?q HTTP/1.1\r\nHost: a\r\n\r\n", target: "/p?q", path: "/p", host: "b:81"),
  Good("GET HTTP://b HTTP/1.1\r\nHost: a\r\n\r\n", target: "", host: "b"),
  Good("GET http://b?q=/ HTTP/1.1\r\nHost: a\r\n\r\n", target: "?q=/", path: "", host: "b"),
  Good("GET http://[::1]:8/ HTTP/1.1\r\nHost: [::2]\r\n\r\n", host: "[::1]:8"),
  Good(
    "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-Continue\r\nContent-Length: 1\r\n\r\n", .post,
    framing: .length(1)),
]

@Suite struct RequestHeadTests {
  @Test(arguments: goodHeads)
  private func `a good head is read`(good: Good) {
    let (outcome, head) = RequestHead.reading(good.text + "what follows")
    #expect(outcome == .complete)
    #expect(head.method == good.method)
    #expect(part(good.text, head.targetRange) == good.target)
    #expect(part(good.text, head.pathRange) == good.path)
    #expect(part(good.text, head.hostRange) == good.host)
    #expect(head.framing == good.framing)
    #expect(head.keepsAlive == good.keepsAlive)
    #expect(head.count == good.text.utf8.count)
  }

  @Test(arguments: goodHeads)
  private func `every beginning of a good head is incomplete and no error`(good: Good) {
    let bytes = Array(good.text.utf8)
    var head = RequestHead()
    for count in 0..<bytes.count {
      #expect(head.outcome(Array(bytes[..<count])) == .incomplete, "\(count) bytes")
    }
    #expect(head.outcome(bytes) == .complete)
  }

  @Test func `a reused head remembers nothing of the one before`() {
    var head = RequestHead()
    let first =
      "POST http://b/p?q HTTP/1.0\r\nConnection: close, x\r\nContent-Length: 4\r\nA: b\r\n\r\n"
    #expect(head.outcome(Array(first.utf8)) == .complete)
    let second = "GET / HTTP/1.1\r\nHost: c\r\n\r\n"
    #expect(head.outcome(Array(second.utf8)) == .complete)
    #expect(part(second, head.hostRange) == "c" && part(second, head.pathRange) == "/")
    #expect(head.framing == .none && head.fields.count == 1 && !head.isOldVersion)
    #expect(!head.connection.close && !head.connection.namesFields && head.method == .get)
  }

  @Test func `fields are given with their names, values and lines`() {
    let text = "GET / HTTP/1.1\r\nHost: a\r\nX-One:\t 1 2 \r\nX-Two:\r\n\r\n"
    let (_, head) = RequestHead.reading(text)
    #expect(head.fields.count == 3)
    let values = (0..<3).map { part(text, head.fields[$0].valueRange) }
    #expect(values == ["a", "1 2", ""])
    let names = (0..<3).map { part(text, head.fields[$0].nameRange) }
    #expect(names == ["Host", "X-One", "X-Two"])
    let lines = (0..<3).map { part(text, head.fields.lineRange($0, headCount: head.count)) }
    #expect(lines == ["Host: a\r\n", "X-One:\t 1 2 \r\n", "X-Two:\r\n"])
  }

  @Test func `an expectation is for HTTP 1.1 only`() {
    let fields = "Host: a\r\nExpect: 100-continue\r\n\r\n"
    #expect(RequestHead.reading("POST / HTTP/1.1\r\n" + fields).head.expectsContinue)
    let (outcome, old) = RequestHead.reading("POST / HTTP/1.0\r\n" + fields)
    #expect(outcome == .complete && !old.expectsContinue)
  }

  @Test(arguments: [
    ("application/json", true), ("text/html, Application/JSON;q=0.9", true), ("*/*", false),
    ("text/html", false), ("application/jso", false), ("", false),
  ])
  func `JSON is accepted where it is named`(accept: String, expected: Bool) {
    let text = "GET / HTTP/1.1\r\nHost: a\r\nAccept: \(accept)\r\n\r\n"
    let accepts = RequestHead.reading(text).head.acceptsJSON(Array(text.utf8).span)
    #expect(accepts == expected)
  }
}
