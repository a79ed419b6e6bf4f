import Primitives
import Proxying
import Testing
import Wire

@Suite struct ForwardedRequestTests {
  @Test func `a plain request gets the forwarding fields`() {
    #expect(
      forwarded("GET /p?q=1 HTTP/1.1\r\nHost: a:80\r\nAccept: */*\r\nCookie: c\r\n\r\n")
        == "GET /p?q=1 HTTP/1.1\r\nHost: a:80\r\nAccept: */*\r\nCookie: c\r\n"
        + forwarding(host: "a:80"))
  }

  @Test func `fields of this hop only stay here`() {
    #expect(
      forwarded(
        "POST / HTTP/1.1\r\nKeep-Alive: 5\r\nA: 1\r\nB: 2\r\nHost: a\r\nConnection: close, X-Hop\r\n"
          + "Proxy-Connection: x\r\nTE: trailers\r\nTrailer: T\r\nUpgrade: h2c\r\nx-HOP: y\r\n"
          + "Content-Length: 3\r\nX-Hop2: z\r\n\r\n")
        == "POST / HTTP/1.1\r\nHost: a\r\nA: 1\r\nB: 2\r\nX-Hop2: z\r\nContent-Length: 3\r\n"
        + forwarding(host: "a"))
  }

  @Test func `a protocol that is asked for goes on, in fields of our own`() {
    let lines = "Sec-WebSocket-Key: k\r\nX-Hop: y\r\n"
    #expect(
      forwarded(
        "GET / HTTP/1.1\r\nHost: a\r\nConnection: x-hop, upgrade\r\nUpgrade: WebSocket\r\n\(lines)\r\n"
      )
        == "GET / HTTP/1.1\r\nHost: a\r\nSec-WebSocket-Key: k\r\nConnection: Upgrade\r\n"
        + "Upgrade: WebSocket\r\n" + forwarding(host: "a"))
    for upgrade in ["h2c", "websocket, h2c", "HTTP/2.0"] {
      #expect(
        forwarded(
          "GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade, HTTP2-Settings\r\n"
            + "Upgrade: \(upgrade)\r\nHTTP2-Settings: AA\r\n\r\n")
          == "GET / HTTP/1.1\r\nHost: a\r\n" + forwarding(host: "a"))
    }
  }

  @Test func `what a client says of itself is overwritten`() {
    #expect(
      forwarded(
        "GET / HTTP/1.1\r\nX-Forwarded-For: 6.6.6.6\r\nX-FORWARDED-PROTO: https\r\nHost: a\r\n"
          + "X-Ballast-Mirror: 1\r\nX-Forwarded-Host: evil\r\nX-Request-Id: evil\r\nConnection: X-Forwarded-For, via\r\n"
          + "Via: 1.0 other\r\n\r\n")
        == "GET / HTTP/1.1\r\nHost: a\r\nVia: 1.0 other\r\n" + forwarding(host: "a"))
  }

  @Test func `several Connection fields name what is dropped, whatever it is`() {
    #expect(
      forwarded(
        "GET / HTTP/1.1\r\nHost: a\r\nDate: d\r\ntraceparent: t\r\nX: 1\r\nConnection: x\r\n"
          + "Connection: DATE ,,traceparent\r\nXX: 2\r\n\r\n")
        == "GET / HTTP/1.1\r\nHost: a\r\nXX: 2\r\n" + forwarding(host: "a"))
  }

  @Test func `a chunked body stays chunked, said once and by us`() {
    #expect(
      forwarded("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\nX: y\r\n\r\n")
        == "POST / HTTP/1.1\r\nHost: a\r\nX: y\r\nTransfer-Encoding: chunked\r\n"
        + forwarding(host: "a"))
  }

  @Test func `a length is said in our own words`() {
    for value in ["\t3", "3\t ", "003", "  3"] {
      #expect(
        forwarded("PUT / HTTP/1.1\r\nHost: a\r\nCONTENT-length:\(value)\r\nX: y\r\n\r\n")
          == "PUT / HTTP/1.1\r\nHost: a\r\nX: y\r\nContent-Length: 3\r\n" + forwarding(host: "a"))
    }
  }

  @Test func `an expectation goes on, but not from an HTTP 1.0 client`() {
    let fields = "Host: a\r\nExpect: 100-continue\r\nContent-Length: 1\r\n"
    #expect(
      forwarded("PUT / HTTP/1.1\r\n\(fields)\r\n")
        == "PUT / HTTP/1.1\r\n\(fields)" + forwarding(host: "a"))
    #expect(
      forwarded("PUT / HTTP/1.0\r\n\(fields)\r\n")
        == "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n"
        + forwarding(host: "a", version: "1.0"))
  }

  @Test func `an HTTP 1.0 request without a host gets the default one`() {
    #expect(
      forwarded("GET / HTTP/1.0\r\n\r\n", defaultHost: "shop")
        == "GET / HTTP/1.1\r\nHost: shop\r\n"
        + forwarding(host: "shop", version: "1.0"))
  }

  @Test(arguments: [
    ("GET http://b/p?q", "GET /p?q"), ("GET http://b", "GET /"), ("GET http://b?q", "GET /?q"),
    ("OPTIONS http://b", "OPTIONS *"), ("OPTIONS http://b/", "OPTIONS /"),
    ("OPTIONS http://b?q", "OPTIONS /?q"),
  ])
  func `an absolute target becomes a path, and its host the host`(sent: String, line: String) {
    #expect(
      forwarded("\(sent) HTTP/1.1\r\nHost: a\r\nX: y\r\n\r\n")
        == "\(line) HTTP/1.1\r\nHost: b\r\nX: y\r\n" + forwarding(host: "b"))
  }

  @Test func `an asterisk and unknown methods go on as they came`() {
    #expect(
      forwarded("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n")
        == "OPTIONS * HTTP/1.1\r\nHost: a\r\n" + forwarding(host: "a"))
    #expect(
      forwarded("M-SEARCH / HTTP/1.1\r\nHost: a\r\n\r\n").hasPrefix("M-SEARCH / HTTP/1.1\r\n"))
  }

  @Test(arguments: [
    (SocketAddress.ipv4(address: .max, port: 1), "255.255.255.255"),
    (
      .ipv6(high: 0xFEDC_BA98_7654_3210, low: 0xFEDC_BA98_7654_3210, port: 1),
      "fedc:ba98:7654:3210:fedc:ba98:7654:3210"
    ), (.unix(path: "/a/long/path"), "unix"),
  ])
  func `a peer is its address without a port`(address: SocketAddress, text: String) {
    var writer = ByteWriter(capacity: 64)
    let peer = PeerText(address)
    peer.append(to: &writer)
    let written = unsafe String(decoding: writer.bytes, as: UTF8.self)
    #expect(written == text && peer.count == text.utf8.count)
  }

  @Test(arguments: [false, true]) func `a server hears that its client speaks TLS`(
    isTrusted: Bool
  ) throws {
    let bytes = Array("GET / HTTP/1.1\r\nHost: a\r\nX-Client: me\r\n\r\n".utf8)
    var head = RequestHead()
    #expect(try head.read(bytes.span))
    var writer = ByteWriter(capacity: 4_096)
    ForwardedRequest.write(
      head, bytes.span, peer: PeerText(.loopback(port: 9)), isTrusted: isTrusted, isSecure: true,
      identifier: .init(high: 1, low: 2), defaultHost: [], to: &writer)
    let text = unsafe String(decoding: writer.bytes, as: UTF8.self)
    #expect(text.contains("\r\nX-Forwarded-Proto: https\r\n"))
  }
}
