import EventLoop
import Primitives
import TLS

/// What carries bytes to and from a client, in one place. Counts and errors are those of
/// `StreamSocket`.
extension Worker {
  /// Reads once.
  mutating func receive(
    fromClient client: Int, into target: UnsafeMutableRawBufferPointer
  ) -> Int {
    // What is only dropped needs no decryption.
    if let tls = clients[client].tls, clients[client].phase != .lingering {
      return unsafe tls.receive(into: target)
    }
    return unsafe StreamSocket.receive(clients[client].descriptor, into: target)
  }

  /// Whether a read that left room leaves something behind all the same.
  mutating func hasMore(_ client: Int) -> Bool {
    guard let tls = clients[client].tls, clients[client].phase != .lingering else { return false }
    return tls.hasMore
  }

  mutating func send(toClient client: Int, _ bytes: UnsafeRawBufferPointer) -> Int {
    if let tls = clients[client].tls { return unsafe tls.send(bytes) }
    return unsafe StreamSocket.send(clients[client].descriptor, bytes)
  }

  /// Sends two buffers in one call.
  mutating func send(
    toClient client: Int, _ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer
  ) -> Int {
    if let tls = clients[client].tls { return unsafe tls.send(first, second) }
    return unsafe StreamSocket.send(clients[client].descriptor, first, second)
  }

  /// The TLS that carries what the client says; nil without.
  mutating func security(of client: Int) -> TLSSession? {
    if let stream = clients[client].stream { return sessions[stream.session].tls }
    return clients[client].tls
  }

  /// Of the client's certificate, which was verified; empty without one.
  mutating func subject(of client: Int) -> [UInt8] {
    guard clients[client].isSecure else { return [] }
    return security(of: client)?.peerSubject ?? []
  }

  /// Sends what TLS holds of its own, such as a ticket. What it holds of an answer is sent with what
  /// waits for it.
  /// - Returns: whether the connection is still there and takes more.
  mutating func flushRecords(_ client: Int) -> Bool {
    guard let tls = clients[client].tls, tls.holdsOutput else { return true }
    let result = tls.flush()
    if result == 0 { return true }
    if result == StreamSocket.wouldBlock {
      clients[client].isWritable = false
    } else {
      abandon(client)
    }
    return false
  }

  /// Whether there is something to read.
  mutating func peek(client: Int) -> Bool {
    StreamSocket.peek(clients[client].descriptor) > 0 || hasMore(client)
  }

  /// Tells the client that no more will come.
  mutating func endSending(toClient client: Int) {
    if let tls = clients[client].tls {
      tls.shutdown()
      // Its last words are sent when there is room, and then this is called again.
      if tls.holdsOutput, tls.flush() == StreamSocket.wouldBlock {
        clients[client].isWritable = false
        return
      }
    }
    StreamSocket.shutdownWrite(clients[client].descriptor)
  }
}
