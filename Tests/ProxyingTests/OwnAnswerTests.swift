import Primitives
import Proxying
import Testing
import Topology
import Wire

@Suite struct OwnAnswerTests {
  private func answer(
    _ status: Int, _ reason: StaticString, isJSON: Bool = false, isHead: Bool = false,
    keepsConnection: Bool = true, isOldClient: Bool = false
  ) -> String {
    var writer = ByteWriter(capacity: 1_024)
    OwnAnswer.write(
      status: status, reason: reason,
      form: .init(
        isJSON: isJSON, isHead: isHead, keepsConnection: keepsConnection, isOldClient: isOldClient),
      to: &writer)
    #expect(writer.overflowed == false)
    return unsafe String(decoding: writer.bytes, as: UTF8.self)
  }

  @Test func `an answer as text`() {
    #expect(
      answer(503, "queue-full") == """
        HTTP/1.1 503 Service Unavailable\r
        Content-Type: text/plain; charset=utf-8\r
        Content-Length: 33\r
        Cache-Control: no-store\r
        X-Ballast-Reason: queue-full\r
        Retry-After: 1\r
        Via: 1.1 ballast\r
        \r
        Service Unavailable (queue-full)

        """)
  }

  @Test func `an answer as JSON on a connection that closes`() {
    #expect(
      answer(404, "no-route", isJSON: true, keepsConnection: false) == """
        HTTP/1.1 404 Not Found\r
        Content-Type: application/json\r
        Content-Length: 51\r
        Cache-Control: no-store\r
        X-Ballast-Reason: no-route\r
        Connection: close\r
        Via: 1.1 ballast\r
        \r
        {"error":{"code":"no-route","message":"Not Found"}}
        """)
  }

  @Test func `an old client is told that its connection is kept`() {
    #expect(answer(404, "no-route", isOldClient: true).contains("\r\nConnection: keep-alive\r\n"))
    #expect(!answer(404, "no-route").contains("Connection:"))
  }

  @Test func `an answer to a call of gRPC is a head with a status of its own`() {
    var writer = ByteWriter(capacity: 1_024)
    OwnAnswer.writeCall(
      .unavailable, reason: "no-healthy-server",
      form: .init(isJSON: false, isHead: false, keepsConnection: true, isOldClient: false),
      to: &writer)
    #expect(
      unsafe String(decoding: writer.bytes, as: UTF8.self) == """
        HTTP/1.1 200 OK\r
        Content-Type: application/grpc\r
        Content-Length: 0\r
        Grpc-Status: 14\r
        Grpc-Message: no-healthy-server\r
        X-Ballast-Reason: no-healthy-server\r
        Via: 1.1 ballast\r
        \r

        """)
  }

  /// Every status and reason that an answer of ours may have.
  private static let all: [(Int, StaticString)] =
    (UInt8(0)...255).compactMap { ExchangeFailure(rawValue: $0) }.map { ($0.status, $0.reason) }
    + (UInt8(0)...255).compactMap { HeadError(rawValue: $0) }.map { ($0.status, $0.reason) }
    + [(599, "unknown-status")]

  @Test func `the stated length is the body's, for every failure and form`() {
    #expect(Self.all.count == 23 + 24 + 1)
    for (status, reason) in Self.all {
      for form in 0..<16 {
        let isHead = form & 1 != 0
        let text = answer(
          status, reason, isJSON: form & 2 != 0, isHead: isHead, keepsConnection: form & 4 != 0,
          isOldClient: form & 8 != 0)
        let bytes = Array(text.utf8)
        var head = ResponseHead()
        // Read as an answer to GET, so that the length is looked at.
        #expect((try? head.read(bytes.span, isHead: false)) == true)
        let whole = Array(
          answer(
            status, reason, isJSON: form & 2 != 0, keepsConnection: form & 4 != 0,
            isOldClient: form & 8 != 0
          ).utf8)
        #expect(head.framing == .length(Int64(whole.count - head.count)), "\(text)")
        #expect(bytes.count == (isHead ? head.count : whole.count))
        #expect(head.status == status)
      }
    }
  }

  @Test func `a page stands in for our own text`() {
    let page = ErrorPages.Page(
      statuses: 503...503, isJSON: false, contentType: Array("text/html".utf8),
      body: Array("<h1>soon</h1>".utf8))
    for isHead in [false, true] {
      var writer = ByteWriter(capacity: 1_024)
      OwnAnswer.write(
        status: 503, reason: "queue-full",
        form: .init(isJSON: false, isHead: isHead, keepsConnection: true, isOldClient: false),
        page: page, to: &writer)
      let text = unsafe String(decoding: writer.bytes, as: UTF8.self)
      #expect(text.contains("\r\nContent-Type: text/html\r\nContent-Length: 13\r\n"))
      #expect(text.contains("\r\nX-Ballast-Reason: queue-full\r\nRetry-After: 1\r\n"))
      #expect(text.hasSuffix(isHead ? "\r\n\r\n" : "\r\n\r\n<h1>soon</h1>"))
    }
  }

  @Test func `every failure has a status of its kind and a reason of its own`() {
    let failures = (UInt8(0)...255).compactMap { ExchangeFailure(rawValue: $0) }
    #expect(Set(failures.map { "\($0.reason)" }).count == failures.count)
    #expect(failures.allSatisfy { (400...504).contains($0.status) })
    #expect(answer(405, "trace-refused").contains("\r\nAllow: GET, "))
  }
}
