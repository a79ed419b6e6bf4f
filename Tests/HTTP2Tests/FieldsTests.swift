import HTTP2
import Testing

struct FieldsTests {
  @Test func `an answer's head loses what is of the connection`() throws {
    let text =
      "HTTP/1.1 200 OK\r\nContent-Type:  text/plain \r\nConnection: close\r\n"
      + "Transfer-Encoding: chunked\r\nKeep-Alive: timeout=5\r\nX-A:\r\n\r\nbody"
    let fields = try #require(ReadFields(answer: text))
    #expect(fields.list == [":status=200", "Content-Type=text/plain", "X-A="])
    #expect(fields.headCount == text.utf8.count - 4)
  }

  @Test func `a switch of protocols is a success over HTTP 2`() throws {
    let text =
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: upgrade\r\n"
      + "Sec-WebSocket-Accept: x\r\nSec-WebSocket-Protocol: chat\r\n\r\n"
    let fields = try #require(ReadFields(answer: text))
    #expect(fields.list == [":status=200", "Sec-WebSocket-Protocol=chat"])
    #expect(fields.status == 101)
  }

  @Test func `a request's head becomes pseudo-header fields and fields`() throws {
    let text = "POST /a?b HTTP/1.1\r\nHost: shop\r\nX-B: c\r\nTransfer-Encoding: chunked\r\n\r\n"
    let fields = try #require(ReadFields(request: text, isSecure: true))
    #expect(
      fields.list
        == [":method=POST", ":scheme=https", ":authority=shop", ":path=/a?b", "X-B=c"])
  }

  @Test func `an upgrade becomes an extended CONNECT`() throws {
    let text =
      "GET /chat HTTP/1.1\r\nHost: shop\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
      + "Sec-WebSocket-Key: x\r\nSec-WebSocket-Version: 13\r\n\r\n"
    let fields = try #require(ReadFields(request: text, isSecure: false))
    #expect(
      fields.list == [
        ":method=CONNECT", ":protocol=websocket", ":scheme=http", ":authority=shop",
        ":path=/chat", "Sec-WebSocket-Version=13",
      ])
  }

  @Test(arguments: [
    "", "HTTP/1.1", "HTTP/1.1 200 OK\r\nA: b\r\n", "HTTP/1.1 2x0 OK\r\n\r\n", "\r\n\r\n",
  ])
  func `what is no head is refused`(text: String) {
    #expect(ReadFields(answer: text) == nil)
    #expect(ReadFields(request: text) == nil)
  }

  private func answer(_ fields: [(String, String)]) throws(HTTP2HeadError) -> String {
    var text = HTTP2AnswerText()
    for (name, value) in fields { try text.add(Array(name.utf8).span, Array(value.utf8).span) }
    text.finish()
    return unsafe String(decoding: text.bytes, as: UTF8.self)
  }

  @Test func `an answer of HTTP 2 becomes a head, its trailers become lines`() throws {
    #expect(try answer([(":status", "204"), ("a", "b")]) == "HTTP/1.1 204 \r\na: b\r\n\r\n")
    #expect(try answer([("grpc-status", "0"), ("content-length", "3")]) == "grpc-status: 0\r\n")
  }

  @Test func `an answer that is none is refused`() {
    #expect(throws: HTTP2HeadError.badStatus) { try answer([(":status", "20")]) }
    #expect(throws: HTTP2HeadError.badStatus) { try answer([(":status", "101")]) }
    #expect(throws: HTTP2HeadError.badStatus) { try answer([(":status", "099")]) }
    #expect(throws: HTTP2HeadError.duplicatePseudoField) {
      try answer([(":status", "200"), (":status", "200")])
    }
    #expect(throws: HTTP2HeadError.latePseudoField) {
      try answer([("a", "b"), (":status", "200")])
    }
    #expect(throws: HTTP2HeadError.unknownPseudoField) { try answer([(":path", "/")]) }
    #expect(throws: HTTP2HeadError.connectionField) {
      try answer([(":status", "200"), ("connection", "close")])
    }
    #expect(throws: HTTP2HeadError.badFieldValue) {
      try answer([(":status", "200"), ("a", "b\r\nc: d")])
    }
  }
}
