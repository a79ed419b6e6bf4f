import Primitives
import Testing
import Wire

@Suite struct TrailerSectionTests {
  private func relay(_ text: String) throws(HeadError) -> (lines: String, status: GRPCStatus?) {
    var section = TrailerSection()
    var writer = ByteWriter(capacity: 65_536)
    let bytes = Array(text.utf8)
    try section.relay(bytes.span, to: &writer)
    let lines = unsafe String(decoding: writer.bytes, as: UTF8.self)
    return (lines, section.grpcStatus)
  }

  @Test func `fields go on as they came, and a call's status is known`() throws {
    let text = "grpc-status:  5 \r\nGrpc-Message: no\r\nDigest: x=\r\nEmpty:\r\n\r\n"
    let (lines, status) = try relay(text)
    #expect(lines == "grpc-status: 5\r\nGrpc-Message: no\r\nDigest: x=\r\nEmpty: \r\n")
    #expect(status == .notFound)
    #expect(try relay("A: b\r\n\r\n").status == nil)
    #expect(try relay("\r\n") == ("", nil))
  }

  @Test(arguments: [
    "Content-Length: 5", "Transfer-Encoding: chunked", "Host: evil", "Authorization: x",
    "Connection: close", "Keep-Alive: timeout=1", "TE: trailers", "Trailer: A", "Upgrade: h2c",
    "Expect: 100-continue", "Cookie: a=b", "Set-Cookie: a=b", "Content-Type: text/html",
    "Content-Encoding: gzip", "Content-Range: bytes 0-1/2", "X-Forwarded-For: 1.2.3.4",
    "X-Forwarded-Proto: https", "X-Real-IP: 1.2.3.4", "X-Request-Id: 1", "Location: /evil",
    "Cache-Control: public", "Content_Length: 5", "Proxy-Authorization: x", "traceparent: 00-1",
    "WWW-Authenticate: Basic", "X-Ballast-Mirror: 1", "Vary: *",
  ])
  func `what belongs into a head is dropped`(line: String) throws {
    #expect(try relay("\(line)\r\nA: b\r\n\r\n").lines == "A: b\r\n")
  }

  @Test(arguments: [
    "A: b", "A: b\r\n", "A: b\n\r\n", "A : b\r\n\r\n", ": b\r\n\r\n", " A: b\r\n\r\n",
    "A: b\u{0}\r\n\r\n", "A: b\rc\r\n\r\n", "A\r\n\r\n", "A: b\r\n\r\nGET / HTTP/1.1\r\n\r\n", "",
  ])
  func `what is no section of fields is refused`(text: String) {
    #expect(throws: HeadError.self) { try relay(text) }
  }

  @Test func `a section has its limits`() {
    let many = String(repeating: "A: b\r\n", count: 65) + "\r\n"
    #expect(throws: HeadError.tooManyFields) { try relay(many) }
    let long = "A: " + String(repeating: "b", count: ChunkLimits.trailerBytes) + "\r\n\r\n"
    #expect(throws: HeadError.headTooLarge) { try relay(long) }
  }
}
