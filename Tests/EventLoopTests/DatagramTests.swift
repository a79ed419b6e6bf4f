import CLinux
import EventLoop
import Primitives
import Testing

/// A UDP socket on a port of the system's choice; closed at the end.
private final class TestDatagrams {
  let descriptor: Int32
  let address: SocketAddress

  init(_ version: Int32 = 4) throws {
    descriptor = datagram_listener_open(
      version, 0, version == 4 ? 0x7F00_0001 : 0, 0, 0)
    try #require(descriptor >= 0)
    let port = UInt16(truncatingIfNeeded: listener_port(descriptor))
    address = .loopback(port: port)
  }

  deinit { StreamSocket.close(descriptor) }
}

private struct OutOfMemory: Error {}

@Suite struct DatagramTests {
  @Test(arguments: [4, 6]) func `datagrams go on from where they lie, and answers go back`(
    version: Int32
  ) throws {
    let (near, far) = (try TestDatagrams(version), try TestDatagrams())
    let client = DatagramSocket.connect(to: near.address)
    let onward = DatagramSocket.connect(to: far.address)
    defer {
      StreamSocket.close(client)
      StreamSocket.close(onward)
    }
    for text in ["one", "", "three"] { #expect(send(text, client) == text.utf8.count) }
    guard var batch = DatagramBatch() else { throw OutOfMemory() }
    try awaitReadiness(near.descriptor, .readable)
    var count = batch.receive(near.descriptor)
    #expect(count == 3 && batch.size(0) == 3 && batch.size(1) == 0 && batch.size(2) == 5)
    let origin = batch.origin(0)
    #expect(origin.peer.address == StreamSocket.localAddress(of: client))
    #expect(origin.peer == batch.origin(2).peer)
    #expect(batch.send(0..<3, over: onward) == 3)

    try awaitReadiness(far.descriptor, .readable)
    guard var server = DatagramBatch() else { throw OutOfMemory() }
    count = server.receive(far.descriptor)
    #expect(count == 3)
    #expect(server.answer(2..<3, to: server.origin(0), over: far.descriptor) == 1)
    try awaitReadiness(onward, .readable)
    #expect(batch.receive(onward) == 1)
    #expect(batch.answer(0..<1, to: origin, over: near.descriptor) == 1)
    try awaitReadiness(client, .readable)
    #expect(receive(client).text == "three")
    #expect(batch.receive(near.descriptor) == StreamSocket.wouldBlock)
  }

  @Test func `who isn't there is told by the system`() throws {
    let address: SocketAddress
    do { address = try TestDatagrams().address }
    let client = DatagramSocket.connect(to: address)
    defer { StreamSocket.close(client) }
    #expect(send("anyone", client) == 6)
    try awaitReadiness(client, .failed)
    guard var batch = DatagramBatch() else { throw OutOfMemory() }
    #expect(DatagramSocket.isRefusal(batch.receive(client)))
    #expect(!DatagramSocket.isRefusal(StreamSocket.wouldBlock))
    #expect(DatagramSocket.connect(to: .unix(path: "/no/such/socket")) < 0)
  }
}
