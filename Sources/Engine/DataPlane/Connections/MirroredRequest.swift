import Primitives
import Topology

/// A copy of a request on its way to the service that its route mirrors to.
struct MirroredRequest: ~Copyable {
  let service: Service
  let isHead: Bool
  /// The head and the body, as far as it isn't sent.
  var copy: ByteBuffer
  /// Bytes of the head in it.
  let headBytes: Int
  /// When it was sent, or tried to.
  var began = Instant.zero

  init(service: Service, isHead: Bool, copy: consuming ByteBuffer, headBytes: Int) {
    self.service = service
    self.isHead = isHead
    self.copy = copy
    self.headBytes = headBytes
  }
}

/// What became of requests that were to be mirrored, by the service that gets the copies.
struct MirrorCounters: Sendable {
  /// An answer was read to its end · none came, or it broke off.
  var answered: UInt64 = 0
  var failed: UInt64 = 0
  /// Nobody had room for it: too many at a time, or no server that takes work.
  var dropped: UInt64 = 0
  /// The body isn't held as a whole.
  var tooLarge: UInt64 = 0
}
