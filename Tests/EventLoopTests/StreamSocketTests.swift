import CLinux
import EventLoop
import Primitives
import Testing

@Suite struct StreamSocketTests {
  @Test func `bytes go both ways, and an end is seen`() throws {
    let pair = try TestConnection()
    #expect(send("ping", pair.client) == 4)
    try awaitReadiness(pair.server, .readable)
    #expect(receive(pair.server).text == "ping")
    #expect(receive(pair.server).result == StreamSocket.wouldBlock)
    let (first, second) = (Array("po".utf8), Array("ng".utf8))
    let sent = unsafe first.withUnsafeBytes { first in
      unsafe second.withUnsafeBytes { unsafe StreamSocket.send(pair.server, first, $0) }
    }
    #expect(sent == 4)
    try awaitReadiness(pair.client, .readable)
    #expect(receive(pair.client).text == "pong")
    StreamSocket.shutdownWrite(pair.client)
    try awaitReadiness(pair.server, .peerClosed)
    #expect(receive(pair.server).result == 0)
    // Only one way is closed.
    #expect(send("still", pair.server) == 5)
  }

  @Test func `a peer's address is known, and nobody more waits`() throws {
    let listener = try TestListener()
    let client = StreamSocket.connect(to: listener.address)
    defer { StreamSocket.close(client) }
    let (accepted, peer) = try listener.accept()
    defer { StreamSocket.close(accepted) }
    #expect(peer == StreamSocket.localAddress(of: client))
    var other = SocketAddress.loopback(port: 0)
    let next = StreamSocket.accept(listener.descriptor, peer: &other)
    #expect(Int(next) == StreamSocket.wouldBlock)
  }

  @Test func `a connection to where nobody listens fails with the reason`() throws {
    // Bound, so that no one else gets the port, but not listening.
    let bound = listener_open(4, 0, 0x7F00_0001, 0, 0, 0, 0)
    defer { StreamSocket.close(bound) }
    let address = try #require(StreamSocket.localAddress(of: bound))
    let client = StreamSocket.connect(to: address)
    if client < 0 {
      #expect(client == -ECONNREFUSED)
      return
    }
    defer { StreamSocket.close(client) }
    try awaitReadiness(client, .writable)
    #expect(StreamSocket.error(of: client) == -ECONNREFUSED)
    #expect(StreamSocket.error(of: client) == 0)
  }

  @Test func `a close with reset is no end`() throws {
    let listener = try TestListener()
    let client = StreamSocket.connect(to: listener.address)
    defer { StreamSocket.close(client) }
    StreamSocket.closeWithReset(try listener.accept().descriptor)
    try awaitReadiness(client, .readable)
    #expect(receive(client).result == Int(-ECONNRESET))
  }

  @Test func `a full socket takes a part, then would block`() throws {
    let pair = try TestConnection()
    let block = String(repeating: "x", count: 1 << 20)
    var result = 0
    for _ in 0..<1_000 where result >= 0 { result = send(block, pair.client) }
    #expect(result == StreamSocket.wouldBlock)
  }

  @Test func `a client of IPv4 on an IPv6 listener has its IPv4 address`() throws {
    let listener = listener_open(6, 0, 0, 0, 1, 0, 4)
    // A machine without IPv6.
    if listener < 0 { return }
    defer { StreamSocket.close(listener) }
    let port = UInt16(truncatingIfNeeded: listener_port(listener))
    #expect(StreamSocket.localAddress(of: listener) == .ipv6(high: 0, low: 0, port: port))
    let client = StreamSocket.connect(to: .loopback(port: port))
    defer { StreamSocket.close(client) }
    try awaitReadiness(listener, .readable)
    var peer = SocketAddress.unix(path: "")
    let accepted = StreamSocket.accept(listener, peer: &peer)
    defer { StreamSocket.close(accepted) }
    #expect(peer == StreamSocket.localAddress(of: client))
    #expect(peer.host == "127.0.0.1")
  }

  @Test func `a path that is too long or not there is refused at once`() {
    let long = "/" + String(repeating: "p", count: SocketAddress.longestUnixPath)
    #expect(StreamSocket.connect(to: .unix(path: long)) == -ENAMETOOLONG)
    #expect(StreamSocket.connect(to: .unix(path: "/no/such/socket")) == -ENOENT)
  }

  @Test func `what a lack of descriptors or memory is`() {
    #expect([-EMFILE, -ENFILE, -ENOBUFS, -ENOMEM].allSatisfy(StreamSocket.isExhaustion))
    #expect(![0, 5, -EAGAIN, -ECONNABORTED].contains(where: StreamSocket.isExhaustion))
  }

  @Test func `an error says what was tried and what the system says`() {
    let error = SystemError(code: ECONNREFUSED, operation: "connect to 10.0.0.1:80")
    #expect(error.description == "connect to 10.0.0.1:80: Connection refused")
    #expect(SystemError.text(99_999) == "error 99999")
  }
}
