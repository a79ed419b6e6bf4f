internal import CNghttp2

extension HTTP2Session {
  /// Gives back the connection's window alone: of bytes that are held at the cost of their stream's
  /// window, so that one stream that is taken slowly doesn't hold up the others.
  public func consumeConnection(_ count: Int) {
    guard count > 0 else { return }
    _ = unsafe nghttp2_session_consume_connection(session, count)
  }

  /// Gives back the window of one stream alone.
  public func consumeStream(_ stream: Int32, _ count: Int) {
    guard count > 0 else { return }
    _ = unsafe nghttp2_session_consume_stream(session, stream, count)
  }
}
