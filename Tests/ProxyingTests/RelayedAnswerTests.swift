import Proxying
import Testing
import Wire

@Suite struct RelayedAnswerTests {
  private let end = "Via: 1.1 ballast\r\n\r\n"

  @Test func `an answer keeps its status, reason, length and fields`() {
    #expect(
      relayed("HTTP/1.1 203 Was  Fine\r\nServer: s\r\nContent-Length: 5\r\nSet-Cookie: a\r\n\r\n")
        == "HTTP/1.1 203 Was  Fine\r\nServer: s\r\nContent-Length: 5\r\nSet-Cookie: a\r\n" + end)
  }

  @Test func `fields of the other hop only stay there`() {
    #expect(
      relayed(
        "HTTP/1.1 200 OK\r\nConnection: close, X-Hop\r\nKeep-Alive: 1\r\nA: 1\r\nX-Hop: y\r\n"
          + "Upgrade: h2c\r\nTrailer: T\r\nTE: x\r\nProxy-Connection: z\r\nContent-Length: 0\r\n\r\n"
      )
        == "HTTP/1.1 200 OK\r\nA: 1\r\nContent-Length: 0\r\n" + end)
  }

  @Test func `our strict transport security stands in for the server's`() {
    let line = "Strict-Transport-Security: max-age=60\r\n"
    #expect(
      relayed(
        "HTTP/1.1 200 OK\r\nstrict-Transport-security: max-age=1\r\nX: y\r\nContent-Length: 0\r\n\r\n",
        strictTransport: line)
        == "HTTP/1.1 200 OK\r\nX: y\r\nContent-Length: 0\r\n" + line + end)
    #expect(
      relayed("HTTP/1.1 200 OK\r\nStrict-Transport-Security: a\r\nContent-Length: 0\r\n\r\n")
        == "HTTP/1.1 200 OK\r\nStrict-Transport-Security: a\r\nContent-Length: 0\r\n" + end)
  }

  @Test func `a body without a length is chunked for those who can read that`() {
    for framing in ["Transfer-Encoding: chunked\r\n", ""] {
      let text = "HTTP/1.1 200 OK\r\n\(framing)X: y\r\n\r\n"
      #expect(relayed(text) == "HTTP/1.1 200 OK\r\nX: y\r\nTransfer-Encoding: chunked\r\n" + end)
      #expect(
        relayed(text, isOldClient: true, keepsConnection: false)
          == "HTTP/1.1 200 OK\r\nX: y\r\nConnection: close\r\n" + end)
    }
  }

  @Test func `the connection is spoken of when it is not as the version implies`() {
    let text = "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n"
    let head = "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n"
    #expect(relayed(text, keepsConnection: false) == head + "Connection: close\r\n" + end)
    #expect(relayed(text, isOldClient: true) == head + "Connection: keep-alive\r\n" + end)
  }

  @Test func `answers without a body say nothing of chunks`() {
    #expect(
      relayed("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", isHead: true)
        == "HTTP/1.1 200 OK\r\n" + end)
    #expect(
      relayed("HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n", isHead: true)
        == "HTTP/1.1 200 OK\r\nContent-Length: 7\r\n" + end)
    #expect(
      relayed("HTTP/1.1 204 No Content\r\nContent-Length: 7\r\n\r\n")
        == "HTTP/1.1 204 No Content\r\n" + end)
    #expect(
      relayed("HTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\nETag: e\r\n\r\n")
        == "HTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\nETag: e\r\n" + end)
  }

  @Test func `an HTTP 1.0 server's answer is ours in HTTP 1.1`() {
    #expect(
      relayed("HTTP/1.0 200\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n")
        == "HTTP/1.1 200 \r\nContent-Length: 0\r\n" + end)
  }

  @Test func `a switch names its protocol and says nothing of a body`() {
    #expect(
      relayed(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: k\r\n"
          + "Connection: upgrade, X-Hop\r\nX-Hop: y\r\nContent-Length: 3\r\n\r\n")
        == "HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Accept: k\r\nConnection: Upgrade\r\n"
        + "Upgrade: websocket\r\n" + end)
  }

  @Test(arguments: [
    ("websocket", "WebSocket", true), ("x/1", "x/1", true), ("x/1", "x/2", false),
    ("websocket", "websockets", false), ("websocket", "", false), ("", "websocket", false),
    ("h2c", "h2c", false),
  ])
  func `only a switch to what was asked for is one`(asked: String, given: String, isAsked: Bool) {
    let request = "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: \(asked)\r\n\r\n"
    let answer =
      "HTTP/1.1 101 Switching\r\nConnection: Upgrade\r\n"
      + (given.isEmpty ? "\r\n" : "Upgrade: \(given)\r\n\r\n")
    let bytes = Array(answer.utf8)
    var head = ResponseHead()
    #expect((try? head.read(bytes.span, isHead: false)) == true)
    #expect(
      SwitchedProtocol.isAsked(head, bytes.span, forwarded: Array(request.utf8).span) == isAsked)
  }

  @Test func `an interim answer keeps its fields and nothing else`() {
    #expect(
      relayed(
        "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\nConnection: x\r\nContent-Length: 3\r\n\r\n")
        == "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n")
  }

  @Test(arguments: [
    (MessageFraming.none, AnswerFraming.asStated, AnswerFraming.asStated),
    (.length(3), .asStated, .asStated), (.chunked, .chunked, .untilClose),
    (.untilClose, .chunked, .untilClose),
  ])
  func `a body is framed as the client can read it`(
    framing: MessageFraming, new: AnswerFraming, old: AnswerFraming
  ) {
    #expect(AnswerFraming(framing, isOldClient: false) == new)
    #expect(AnswerFraming(framing, isOldClient: true) == old)
  }
}
