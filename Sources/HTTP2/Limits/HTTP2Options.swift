/// What a session grants its peer, and the most that it takes from it.
public struct HTTP2Options: Sendable {
  /// Streams that the peer may have open at a time; of a client's session those that a server may
  /// push, which is none.
  public var streams: UInt32 = 128
  /// Bytes of bodies that may be on their way unread: for one stream, and for all together.
  public var streamWindow: Int32 = 65_536
  public var connectionWindow: Int32 = 524_288
  /// Bytes of a head as text, and fields in it, parts of cookies not counted. What is beyond is not
  /// kept, and the stream is answered or reset.
  public var headBytes = 65_535
  public var headFields = 128
  /// The same, every field with 32 bytes beside its name and value (RFC 9113 section 10.5.1) and every
  /// part of a cookie counted: whoever sends more is not misled but hostile.
  public var listBytes = 131_072
  public var listFields = 512
  /// CONTINUATION frames behind one HEADERS frame.
  public var continuations = 8
  /// Whether a client may ask for another protocol (RFC 8441).
  public var takesExtendedConnect = true
  public var ledger = FrameLedger.Limits()

  public init() {}
}
