import Primitives

/// What was given for one stream and is not in a frame yet.
struct OutgoingBody: ~Copyable {
  var stream: Int32
  var held: ByteBuffer
  /// Nothing is added any more.
  var isEnded = false
  /// Lines of fields that follow the body.
  var trailers: [UInt8] = []
  /// Whether nghttp2 waits to be told that there is more.
  var isDeferred = false

  init(stream: Int32, _ buffer: consuming ByteBuffer) {
    self.stream = stream
    held = buffer
  }
}
