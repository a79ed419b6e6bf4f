/// What a session tells of. `context` is what the session's owner gave the stream, nil before it did.
public enum HTTP2Event: Sendable, Equatable {
  /// A head came, its text is `HTTP2Session.headText`: of a request for a server's session, of an
  /// interim or final answer for a client's. With `endsStream` nothing follows it.
  case head(stream: Int32, context: Int?, endsStream: Bool)
  /// A request's head was larger than `HTTP2Options.headBytes` and `headFields` let it be; what came
  /// of it is not kept.
  case headTooLarge(stream: Int32, endsStream: Bool)
  /// A part of a body stands in the bytes that `receive` was given last, counted from their start. Its
  /// window is to be given back by `consume`.
  case data(stream: Int32, context: Int?, Range<Int>)
  /// Trailers came, as lines in `headText`; `ended` follows.
  case trailers(stream: Int32, context: Int?)
  /// The peer sends no more on the stream.
  case ended(stream: Int32, context: Int?)
  /// The stream is over for both sides: by its end, with a code of 0, or by a reset (RFC 9113 section
  /// 7). Its context will not be named again.
  case closed(stream: Int32, context: Int?, code: UInt32)
  /// All that was given for the stream has gone out, and its end was not given yet.
  case drained(stream: Int32, context: Int?)
  /// Our side of the stream has ended, and the peer's hasn't.
  case sentEnd(stream: Int32, context: Int?)
  /// The peer opens or takes no more streams; what it did not begin of those above `lastStream` it
  /// won't.
  case goaway(lastStream: Int32, code: UInt32)
  /// The peer's settings changed.
  case settings
  case pingAnswered
}
