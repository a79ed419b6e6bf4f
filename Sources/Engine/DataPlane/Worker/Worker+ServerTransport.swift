import EventLoop
import Primitives

/// What carries bytes to and from a server, in one place. Counts and errors are those of `StreamSocket`.
extension Worker {
  /// Reads once.
  mutating func receive(
    from upstream: Int, into target: UnsafeMutableRawBufferPointer
  ) -> Int {
    unsafe StreamSocket.receive(upstreams[upstream].descriptor, into: target)
  }

  mutating func send(to upstream: Int, _ bytes: UnsafeRawBufferPointer) -> Int {
    unsafe StreamSocket.send(upstreams[upstream].descriptor, bytes)
  }

  /// Sends two buffers in one call.
  mutating func send(
    to upstream: Int, _ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer
  ) -> Int {
    unsafe StreamSocket.send(upstreams[upstream].descriptor, first, second)
  }

  /// Whether there is something to read: 1, or what reading it would say.
  mutating func peek(_ upstream: Int) -> Int { StreamSocket.peek(upstreams[upstream].descriptor) }

  /// Tells the server that no more will come.
  mutating func endSending(to upstream: Int) {
    StreamSocket.shutdownWrite(upstreams[upstream].descriptor)
  }
}
