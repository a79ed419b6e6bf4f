import EventLoop
import Primitives
import TLS

/// What carries bytes to and from a server, in one place: a socket, or a stream of HTTP/2. Counts and
/// errors are those of `StreamSocket`.
extension Worker {
  /// Reads once.
  mutating func receive(
    from upstream: Int, into target: UnsafeMutableRawBufferPointer
  ) -> Int {
    if let session = upstreams[upstream].tls {
      let count = unsafe session.receive(into: target)
      if session.hasMore, count > 0 || count == StreamSocket.interrupted { goOn(upstream) }
      return count
    }
    if let stream = upstreams[upstream].stream { return unsafe take(from: stream, into: target) }
    return unsafe StreamSocket.receive(upstreams[upstream].descriptor, into: target)
  }

  mutating func send(to upstream: Int, _ bytes: UnsafeRawBufferPointer) -> Int {
    if let session = upstreams[upstream].tls { return unsafe session.send(bytes) }
    if let stream = upstreams[upstream].stream { return unsafe give(to: stream, bytes) }
    return unsafe StreamSocket.send(upstreams[upstream].descriptor, bytes)
  }

  /// Sends two buffers in one call.
  mutating func send(
    to upstream: Int, _ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer
  ) -> Int {
    if let session = upstreams[upstream].tls { return unsafe session.send(first, second) }
    return unsafe StreamSocket.send(upstreams[upstream].descriptor, first, second)
  }

  /// Whether there is something to read: 1, or what reading it would say.
  mutating func peek(_ upstream: Int) -> Int {
    if let session = upstreams[upstream].tls { return session.peek() }
    if let stream = upstreams[upstream].stream {
      return stream.arrived.isEmpty ? outlook(of: stream) : 1
    }
    return StreamSocket.peek(upstreams[upstream].descriptor)
  }

  /// Tells the server that no more will come.
  mutating func endSending(to upstream: Int) {
    if let stream = upstreams[upstream].stream { return endRequest(stream) }
    if let session = upstreams[upstream].tls {
      session.shutdown()
      if session.holdsOutput { return }
    }
    StreamSocket.shutdownWrite(upstreams[upstream].descriptor)
  }
}
