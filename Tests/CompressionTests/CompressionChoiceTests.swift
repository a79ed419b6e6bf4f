import Testing
import Topology
import Wire

@testable import Compression

@Suite struct CompressionChoiceTests {
  private let policy = CompressionPolicy(
    codings: [.brotli, .gzip], levels: [1, 1, 1], minimumBytes: 1_024,
    types: ["text/*", "*+json", "application/json"].map { MediaPattern($0) })

  private func choice(
    _ fields: String, status: String = "200 OK", accept: String = "gzip", isHead: Bool = false
  ) throws -> CompressionChoice {
    let request = Array("GET / HTTP/1.1\r\nHost: a\r\nAccept-Encoding: \(accept)\r\n\r\n".utf8)
    var requestHead = RequestHead()
    #expect(try requestHead.read(request.span))
    let lines = fields.split(separator: "|").map { "\($0)\r\n" }.joined()
    let answer = Array("HTTP/1.1 \(status)\r\n\(lines)\r\n".utf8)
    var head = ResponseHead()
    #expect(try head.read(answer.span, isHead: isHead))
    return CompressionChoice(
      head, answer.span, isHead: isHead, policy: policy,
      accepted: AcceptedCodings(requestHead, request.span))
  }

  private let text = "Content-Type: text/html|Content-Length: 5000"

  @Test func `a fitting answer is encoded as the client likes it`() throws {
    #expect(try choice(text) == .coded(.gzip))
    #expect(try choice(text, accept: "gzip, br") == .coded(.brotli))
    #expect(try choice(text, accept: "deflate") == .asIs)
    #expect(try choice("Content-Type: text/html|Transfer-Encoding: chunked") == .coded(.gzip))
    #expect(try choice("Content-Type: text/event-stream") == .coded(.gzip))
    #expect(try choice(text, isHead: true) == .coded(.gzip))
    #expect(try choice("Content-Type: text/html", isHead: true) == .coded(.gzip))
  }

  @Test(arguments: [
    "text/html", "TEXT/Plain; charset=utf-8", "application/json", "application/ld+JSON;x=y",
  ])
  func `types that fit`(type: String) throws {
    #expect(try choice("Content-Type: \(type)|Content-Length: 5000") == .coded(.gzip))
  }

  @Test(arguments: [
    "image/png", "application/jsonx", "application/+json+x", "text", "text/", "textx/html", "",
  ])
  func `types that don't`(type: String) throws {
    #expect(try choice("Content-Type: \(type)|Content-Length: 5000") == .unfit)
  }

  @Test(arguments: [
    "Content-Encoding: gzip", "Content-Encoding: identity", "Cache-Control: public, No-Transform",
    "Content-Range: bytes 0-1/2", "Content-MD5: x", "Digest: x", "Content-Digest: x",
    "Repr-Digest: x",
  ])
  func `what forbids another form`(field: String) throws {
    #expect(try choice("\(text)|\(field)") == .unfit)
  }

  @Test(arguments: [
    "204 No Content", "205 Reset Content", "206 Partial Content", "304 Not Modified",
    "302 Found", "404 Not Found", "500 Internal Server Error",
  ])
  func `statuses that have no whole content`(status: String) throws {
    #expect(try choice(text, status: status) == .unfit)
  }

  @Test func `small answers go as they are, but to who refuses that`() throws {
    let small = "Content-Type: text/html|Content-Length: 1023"
    #expect(try choice(small) == .unfit)
    #expect(try choice("Content-Type: text/html|Content-Length: 1024") == .coded(.gzip))
    #expect(try choice(small, accept: "gzip, identity;q=0") == .coded(.gzip))
    #expect(
      try choice("Content-Type: text/html|Content-Length: 0", accept: "gzip, identity;q=0")
        == .unfit)
    #expect(try choice(small, isHead: true) == .unfit)
  }

  @Test func `without a type nothing is known of the content`() throws {
    #expect(try choice("Content-Length: 5000") == .unfit)
  }
}
