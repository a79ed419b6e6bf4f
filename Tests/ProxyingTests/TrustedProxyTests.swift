import Primitives
import Routing
import Testing
import Topology
import Tracing
import Wire

@testable import Proxying

@Suite struct TrustedProxyTests {
  private func head(_ fields: String) throws -> (RequestHead, [UInt8]) {
    let bytes = Array("GET / HTTP/1.1\r\nHost: a\r\n\(fields)\r\n".utf8)
    var head = RequestHead()
    let isWhole = try head.read(bytes.span)
    #expect(isWhole)
    return (head, bytes)
  }

  private func client(_ fields: String, trusted: String...) throws -> String? {
    let (head, bytes) = try self.head(fields)
    let set = AddressSet(try trusted.map { try AddressBlock($0) })
    return ForwardedClient(head, bytes.span, trusted: set)?.peer.description
  }

  private func trusted(_ fields: String) throws -> String {
    let (head, bytes) = try self.head(fields)
    var writer = ByteWriter(capacity: 16_384)
    ForwardedRequest.write(
      head, bytes.span, peer: PeerText(.ipv4(address: 0x0A00_0001, port: 9)), isTrusted: true,
      identifier: .init(high: 1, low: 255), defaultHost: [], to: &writer)
    return unsafe String(decoding: writer.bytes, as: UTF8.self)
  }

  @Test func `the client is the rightmost address that is no trusted proxy`() throws {
    let list = "X-Forwarded-For: 6.6.6.6, 192.0.2.1 ,10.0.0.9\r\n"
    #expect(try client(list, trusted: "10.0.0.0/8") == "192.0.2.1")
    #expect(try client(list) == "10.0.0.9")
    #expect(try client(list, trusted: "0.0.0.0/0") == "6.6.6.6")
    #expect(try client("A: b\r\n", trusted: "10.0.0.0/8") == nil)
  }

  @Test func `several fields are one list`() throws {
    let list = "X-Forwarded-For: 1.1.1.1\r\nX-Forwarded-For: 2.2.2.2, 10.0.0.9\r\n"
    #expect(try client(list, trusted: "10.0.0.0/8") == "2.2.2.2")
  }

  @Test func `what cannot be read ends the search`() throws {
    #expect(
      try client("X-Forwarded-For: 6.6.6.6, unknown, 10.0.0.9\r\n", trusted: "10.0.0.0/8")
        == "10.0.0.9")
    #expect(try client("X-Forwarded-For: 6.6.6.6, _hidden\r\n", trusted: "10.0.0.0/8") == nil)
    #expect(try client("X-Forwarded-For: ,, 6.6.6.6 ,,\r\n", trusted: "10.0.0.0/8") == "6.6.6.6")
  }

  @Test func `addresses with ports and brackets are read without them`() throws {
    for (text, expected) in [
      ("192.0.2.1:80", "192.0.2.1"), ("[2001:db8::1]", "2001:db8::1"),
      ("[2001:db8::1]:443", "2001:db8::1"), ("::ffff:1.2.3.4", "::ffff:1.2.3.4"),
    ] {
      #expect(try client("X-Forwarded-For: \(text)\r\n") == expected, "\(text)")
    }
    for text in [
      "1.2.3", "1.2.3.4.5", "256.1.1.1", "01.1.1.1", "1.2.3.4:", "1.2.3.4:123456", "1.2.3.4:a",
      "[::1", "::1]", "[::1]x", "[::1]:", "::1::", ":1", "1:", "1:2:3:4:5:6:7:8:9", "12345::",
      "1:2:3:4:5:6:7", "1::2:3:4:5:6:7:8:9", "g::1",
    ] {
      #expect(try client("X-Forwarded-For: \(text)\r\n") == nil, "\(text)")
    }
  }

  @Test func `an address is read as Primitives reads it`() {
    var random = SeededRandom(seed: 5)
    let alphabet = Array("0123456789abf:.".utf8)
    for _ in 0..<20_000 {
      let count = Int(random.next() % 20) + 1
      let bytes = (0..<count).map { _ in alphabet[Int(random.next() % UInt64(alphabet.count))] }
      let text = String(decoding: bytes, as: UTF8.self)
      // With a port it is another form.
      if text.contains("."), text.contains(":"), !text.contains("::") { continue }
      let found = AddressText(bytes.span, 0..<bytes.count)
      switch SocketAddress(host: text, port: 0) {
      case .ipv4(let address, _): #expect(found?.low == 0xFFFF_0000_0000 | UInt64(address))
      case .ipv6(let high, let low, _): #expect(found?.high == high && found?.low == low, "\(text)")
      default:
        let isOldWithPort = text.contains(".") && text.contains(":")
        #expect(found == nil || isOldWithPort, "\(text)")
      }
    }
  }

  @Test func `what a trusted proxy says goes on, with its own address behind`() throws {
    #expect(
      try trusted(
        "X-Forwarded-For: 1.1.1.1\r\nForwarded: for=1.1.1.1\r\nX-Forwarded-For: 2.2.2.2\r\n"
          + "X-Forwarded-Proto: https\r\nX-Forwarded-Host: shop:8443\r\nX-Request-Id: abc-1\r\n"
          + "X-Real-IP: 1.1.1.1\r\nX-Forwarded-Port: 8443\r\n")
        == "GET / HTTP/1.1\r\nHost: a\r\nForwarded: for=1.1.1.1\r\nX-Real-IP: 1.1.1.1\r\n"
        + "X-Forwarded-Port: 8443\r\nX-Forwarded-For: 1.1.1.1, 2.2.2.2, 10.0.0.1\r\n"
        + "X-Forwarded-Proto: https\r\nX-Forwarded-Host: shop:8443\r\nX-Request-Id: abc-1\r\n"
        + "Via: 1.1 ballast\r\n\r\n")
  }

  @Test func `what it says twice, or wrongly, is said by us`() throws {
    let plain = try trusted("")
    #expect(plain.contains("X-Forwarded-For: 10.0.0.1\r\nX-Forwarded-Proto: http\r\n"))
    #expect(
      try trusted(
        "X-Forwarded-Proto: https\r\nX-Forwarded-Proto: http\r\nX-Forwarded-Host: a/b\r\n"
          + "X-Request-Id: a b\r\nX-Forwarded-For:\r\n") == plain)
  }

  @Test func `from everybody else nothing of it goes on`() {
    #expect(
      forwarded(
        "GET / HTTP/1.1\r\nHost: a\r\nForwarded: for=6.6.6.6\r\nX-Real-IP: 6.6.6.6\r\n"
          + "X-Forwarded-Port: 1\r\nX-FORWARDED-SERVER: evil\r\nX-Forwarded: 6.6.6.6\r\n\r\n")
        == "GET / HTTP/1.1\r\nHost: a\r\n" + forwarding(host: "a"))
  }

  @Test func `twins with underscores are dropped, from whoever they come`() throws {
    let twins = [
      "X_Forwarded_For", "x-forwarded_for", "X_FORWARDED-PROTO", "X_Forwarded_Host", "X_Real_IP",
      "X-Real_IP", "X_Request_Id", "Content_Length", "Transfer_Encoding", "X_Forwarded_Anything",
    ]
    let fields = twins.map { "\($0): 1\r\n" }.joined()
    #expect(
      forwarded("GET / HTTP/1.1\r\nHost: a\r\n\(fields)X_Other: 1\r\n\r\n")
        == "GET / HTTP/1.1\r\nHost: a\r\nX_Other: 1\r\n" + forwarding(host: "a"))
    #expect(try trusted(fields) == trusted(""))
  }

  @Test func `a trace goes on when it is valid, and else not in part`() {
    let good = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    #expect(
      forwarded("GET / HTTP/1.1\r\nHost: a\r\ntraceparent: \(good)\r\ntracestate: a=1\r\n\r\n")
        == "GET / HTTP/1.1\r\nHost: a\r\ntraceparent: \(good)\r\ntracestate: a=1\r\n"
        + forwarding(host: "a"))
    #expect(
      forwarded("GET / HTTP/1.1\r\nHost: a\r\ntraceparent: 01\(good.dropFirst(2))-more\r\n\r\n")
        .contains("-more"))
    for bad in [
      "ff\(good.dropFirst(2))", good.uppercased(), String(good.dropLast()), good + "-more",
      "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
      "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01", "evil", "",
      "\(good)\r\ntraceparent: \(good)",
    ] {
      #expect(
        forwarded("GET / HTTP/1.1\r\nHost: a\r\ntracestate: a=1\r\ntraceparent: \(bad)\r\n\r\n")
          == "GET / HTTP/1.1\r\nHost: a\r\n" + forwarding(host: "a"), "\(bad)")
    }
  }

  @Test func `a trace of our own comes in place of the client's`() throws {
    let fields = "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\r\n"
    for (isContinued, state) in [(false, ""), (true, "tracestate: a=1\r\n")] {
      let trace = ForwardedRequest.Trace(
        context: TraceContext(
          trace: TraceIdentifier(high: 1, low: 0xABC), parent: 0xDEF, flags: .sampled),
        isContinued: isContinued)
      let head = try traced("X-A: 1\r\n\(fields)tracestate: a=1\r\n", trace)
      let start = "GET / HTTP/1.1\r\nHost: a\r\nX-A: 1\r\n\(state)X-Forwarded-For: "
      #expect(head.hasPrefix(start), "\(head)")
      let own = "traceparent: 00-00000000000000010000000000000abc-0000000000000def-01\r\n"
      #expect(head.contains("\r\n\(own)Via: 1.1 ballast\r\n\r\n"), "\(head)")
      #expect(head.ranges(of: "traceparent").count == 1)
      let range = try #require(ForwardedRequest.parentRange(headBytes: head.utf8.count))
      #expect(String(decoding: Array(head.utf8)[range], as: UTF8.self) == "0000000000000def")
    }
    #expect(ForwardedRequest.parentRange(headBytes: 20) == nil)
  }

  private func traced(_ fields: String, _ trace: ForwardedRequest.Trace) throws -> String {
    let (head, bytes) = try self.head(fields)
    var writer = ByteWriter(capacity: 4_096)
    var captures = CaptureRun()
    ForwardedRequest.write(
      head, bytes.span, peer: PeerText(.loopback(port: 1)), isTrusted: false, isSecure: false,
      identifier: .init(high: 1, low: 2), defaultHost: [], edits: nil, unmarksTags: false,
      trace: trace, captures: &captures, to: &writer)
    return unsafe String(decoding: writer.bytes, as: UTF8.self)
  }

  @Test func `an identifier of 32 digits becomes ours, a UUID as well`() throws {
    for text in ["0123456789abcdef0123456789ABCDEF", "01234567-89ab-cdef-0123-456789abcdef"] {
      let (head, bytes) = try self.head("X-Request-Id: \(text)\r\n")
      let found = ForwardedRequest.Identifier(trusted: head, bytes.span)
      #expect(found?.high == 0x0123_4567_89AB_CDEF && found?.low == found?.high)
    }
    for text in ["abc", "0123456789abcdef0123456789abcdeg", "0123456789abcdef0123456789abcdef0"] {
      let (head, bytes) = try self.head("X-Request-Id: \(text)\r\n")
      let found = ForwardedRequest.Identifier(trusted: head, bytes.span)
      #expect(found == nil, "\(text)")
    }
  }
}
