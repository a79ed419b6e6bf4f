import Primitives
import Proxying
import Testing
import Topology
import Wire

@Suite struct AnswerCodingTests {
  private func answer(
    _ fields: String, _ coding: AnswerCoding, status: String = "200 OK",
    framing: AnswerFraming = .chunked
  ) throws -> String {
    let lines = fields.split(separator: "|").map { "\($0)\r\n" }.joined()
    let bytes = Array("HTTP/1.1 \(status)\r\n\(lines)\r\n".utf8)
    var head = ResponseHead()
    #expect(try head.read(bytes.span, isHead: false))
    var writer = ByteWriter(capacity: 4_096)
    RelayedAnswer.write(
      head, bytes.span, framing: framing, isOldClient: false, keepsConnection: true,
      coding: coding, to: &writer)
    let text = unsafe String(decoding: writer.bytes, as: UTF8.self)
    return text.replacing("\r\n", with: "|")
  }

  private let fields = "Content-Length: 5|Accept-Ranges: bytes|ETag: \"v1\"|X: y"

  @Test func `an encoded answer has another length, tag and no parts`() throws {
    #expect(
      try answer(fields, .coded(.brotli))
        == "HTTP/1.1 200 OK|X: y|ETag: W/\"v1+br\"|Content-Encoding: br|Vary: Accept-Encoding|"
        + "Transfer-Encoding: chunked|Via: 1.1 ballast||")
  }

  @Test func `an answer that goes as it is says that it depends`() throws {
    #expect(
      try answer(fields, .asIs, framing: .asStated)
        == "HTTP/1.1 200 OK|\(fields)|Vary: Accept-Encoding|Via: 1.1 ballast||")
    #expect(
      try answer(fields, .none, framing: .asStated)
        == "HTTP/1.1 200 OK|\(fields)|Via: 1.1 ballast||")
  }

  @Test(arguments: [
    "*", "accept-encoding", "Origin, Accept-Encoding", "Origin|Vary: ACCEPT-encoding",
  ])
  func `what varies already stays`(vary: String) throws {
    #expect(
      try answer("Vary: \(vary)", .asIs, framing: .asStated)
        == "HTTP/1.1 200 OK|Vary: \(vary)|Via: 1.1 ballast||")
  }

  @Test func `other names that it varies by stay beside ours`() throws {
    #expect(
      try answer("Vary: Accept-Encodings", .asIs, framing: .asStated)
        == "HTTP/1.1 200 OK|Vary: Accept-Encodings|Vary: Accept-Encoding|Via: 1.1 ballast||")
  }

  @Test(arguments: [
    ("W/\"v1\"", "W/\"v1\""), ("\"\"", "W/\"+gzip\""), ("v1", "v1"), ("\"", "\""), ("", ""),
  ])
  func `tags that are weak, empty or none`(tag: String, expected: String) throws {
    let text = try answer("ETag: \(tag)", .coded(.gzip))
    #expect(text.contains("|ETag: \(expected)|"), "\(text)")
  }

  @Test func `content that the client has is called by the client's tag`() throws {
    #expect(
      try answer(
        "ETag: \"v1\"|Content-Length: 5", .revalidated(.zstd), status: "304 Not Modified",
        framing: .asStated)
        == "HTTP/1.1 304 Not Modified|Content-Length: 5|ETag: W/\"v1+zstd\"|"
        + "Vary: Accept-Encoding|Via: 1.1 ballast||")
  }

  private func forwarded(_ field: String, unmarks: Bool = true) throws -> String {
    let bytes = Array("GET / HTTP/1.1\r\nHost: a\r\n\(field)\r\nX: y\r\n\r\n".utf8)
    var head = RequestHead()
    #expect(try head.read(bytes.span))
    var writer = ByteWriter(capacity: 4_096)
    ForwardedRequest.write(
      head, bytes.span, peer: PeerText(.loopback(port: 1)),
      identifier: .init(high: 1, low: 2), defaultHost: [], unmarksTags: unmarks, to: &writer)
    let text = unsafe String(decoding: writer.bytes, as: UTF8.self)
    let name = field.prefix { $0 != ":" }
    let lines = text.split(separator: "\r\n").filter { $0.hasPrefix("\(name):") }
    #expect(lines.count == 1 && text.contains("\r\nX: y\r\n"))
    return String(lines.first?.dropFirst(name.count + 2) ?? "")
  }

  @Test(arguments: [
    (#"W/"v1+gzip""#, #""v1""#), (#"W/"v1+br", W/"v2+zstd""#, #""v1", "v2""#),
    (#""v1+gzip""#, #""v1+gzip""#), (#"W/"v1""#, #"W/"v1""#), ("*", "*"),
    (#"W/"a,b+gzip" , "c""#, #""a,b" , "c""#), (#"W/"+gzip""#, #""""#),
    (#"W/"v1+deflate""#, #"W/"v1+deflate""#), (#"w/"v1+gzip""#, #"w/"v1+gzip""#),
    (#"W/"v1+gzip"#, #"W/"v1+gzip"#), (#"W/"a"W/"b+gzip""#, #"W/"a""b""#), ("x", "x"),
    (#"W/"v+gzip+br""#, #""v+gzip""#),
  ])
  func `marks are taken off on the way to the server`(value: String, expected: String) throws {
    #expect(try forwarded("If-None-Match: \(value)") == expected)
    #expect(try forwarded("IF-MATCH: \(value)") == expected)
    #expect(try forwarded("If-Range: \(value)") == value)
    #expect(try forwarded("If-None-Match: \(value)", unmarks: false) == value)
  }

  @Test func `the coding of the client's copy is in its question`() throws {
    func coding(_ fields: String) throws -> ContentCoding? {
      let bytes = Array("GET / HTTP/1.1\r\nHost: a\r\n\(fields)\r\n\r\n".utf8)
      var head = RequestHead()
      #expect(try head.read(bytes.span))
      return CodedEntityTag.coding(head, bytes.span)
    }
    #expect(try coding(#"If-None-Match: W/"v1+gzip""#) == .gzip)
    #expect(try coding(#"If-None-Match: "v1", W/"v1+br""#) == .brotli)
    #expect(try coding(#"If-None-Match: "v1""#) == nil)
    #expect(try coding(#"If-Match: W/"v1+gzip""#) == nil)
  }
}
