import CLinux
import EventLoop
import Glibc
import Primitives
import Testing

/// A listener on a port of the system's choice; closed at the end.
final class TestListener {
  let descriptor: Int32
  let address: SocketAddress

  init() throws {
    // As the engine does: splice(2) knows no flag that would keep the signal away.
    _ = signals_ignore(SIGPIPE)
    descriptor = listener_open(4, 0, 0x7F00_0001, 0, 1, 0, 16)
    try #require(descriptor >= 0)
    address = try #require(StreamSocket.localAddress(of: descriptor))
  }

  deinit { StreamSocket.close(descriptor) }

  /// Waits for a connection.
  func accept() throws -> (descriptor: Int32, peer: SocketAddress) {
    try awaitReadiness(descriptor, .readable)
    var peer = SocketAddress.loopback(port: 0)
    let accepted = StreamSocket.accept(descriptor, peer: &peer)
    try #require(accepted >= 0)
    return (accepted, peer)
  }
}

/// Both ends of a connection; closed at the end.
final class TestConnection {
  private(set) var client: Int32
  private(set) var server: Int32

  init() throws {
    _ = signals_ignore(SIGPIPE)
    let listener = try TestListener()
    client = StreamSocket.connect(to: listener.address)
    try #require(client >= 0)
    server = try listener.accept().descriptor
    try awaitReadiness(client, .writable)
  }

  func resetClient() {
    StreamSocket.closeWithReset(client)
    client = -1
  }

  func closeServer() {
    StreamSocket.close(server)
    server = -1
  }

  deinit {
    StreamSocket.close(client)
    StreamSocket.close(server)
  }
}

/// Waits until `descriptor` is ready, ten seconds at most.
func awaitReadiness(_ descriptor: Int32, _ interest: Readiness) throws {
  let poller = try Poller()
  try #require(poller.watch(descriptor, interest, token: 7, isNew: true) == 0)
  try #require(poller.wait(milliseconds: 10_000) == 1)
}

func send(_ text: String, _ descriptor: Int32) -> Int {
  let bytes = Array(text.utf8)
  return unsafe bytes.withUnsafeBytes { unsafe StreamSocket.send(descriptor, $0) }
}

/// What one call gives: the text, or the result when it is not over zero.
func receive(_ descriptor: Int32) -> (text: String, result: Int) {
  var bytes = [UInt8](repeating: 0, count: 4_096)
  let count = unsafe bytes.withUnsafeMutableBytes {
    unsafe StreamSocket.receive(descriptor, into: $0)
  }
  return (String(decoding: bytes.prefix(max(0, count)), as: UTF8.self), count)
}
