internal import CNghttp2
public import Primitives

/// One connection of HTTP/2 (RFC 9113) as a value between bytes: no socket, no clock.
///
/// The owner's duties:
/// 1. Hand over what came with `receive`, and take every event with `nextEvent` before the next call.
/// 2. Call `write` at the end of each turn, and send what it put into the batch, in order.
/// 3. Give `setContext` for each request that it takes up, and answer or reset it.
/// 4. Give back the window of what it took of bodies, with `consume`.
/// 5. Close the connection when `isOver`, once all is sent.
@safe public final class HTTP2Session {
  public enum Role: Sendable { case server, client }

  public let role: Role
  public let options: HTTP2Options
  /// Where heap for bodies comes from.
  let buffers: BufferPool
  private let memory: UnsafeMutablePointer<SessionState>

  /// - Parameters:
  ///   - buffers: one may serve all sessions of a thread.
  ///   - seed: of what is random in heads that are made up.
  public init(
    role: Role, options: HTTP2Options = HTTP2Options(), buffers: BufferPool = BufferPool(limit: 1),
    seed: UInt64
  ) {
    self.role = role
    self.options = options
    self.buffers = buffers
    unsafe memory = .allocate(capacity: 1)
    unsafe memory.initialize(
      to: SessionState(
        scanner: FrameScanner(expectsPreface: role == .server),
        ledger: FrameLedger(limits: options.ledger), random: SeededRandom(seed: seed)))
    begin()
    submitSettings()
  }

  deinit {
    unsafe nghttp2_session_del(session)
    unsafe memory.deinitialize(count: 1)
    unsafe memory.deallocate()
  }

  var state: SessionState {
    unsafeAddress { unsafe UnsafePointer(memory) }
    unsafeMutableAddress { unsafe memory }
  }

  // MARK: Events

  public func nextEvent() -> HTTP2Event? {
    guard eventsTaken < events.count else {
      if eventsTaken > 0 {
        events.removeAll(keepingCapacity: true)
        eventsTaken = 0
      }
      return nil
    }
    eventsTaken += 1
    return events[eventsTaken - 1]
  }

  /// The text of the head or the trailers that were told of last; valid until the next `receive`.
  public var headText: UnsafeRawBufferPointer {
    block.isTrailers || role == .client
      ? unsafe answerText.bytes : unsafe requestText.bytes
  }

  /// Of the answer whose head was told of last, in a client's session.
  public var headStatus: Int? { answerText.status }

  /// Whether a header block has begun and not ended.
  public var isReadingHead: Bool { block.isOpen }

  // MARK: Streams

  /// What events of the stream are to say. False when the stream is over already.
  @discardableResult
  public func setContext(_ stream: Int32, _ context: Int?) -> Bool {
    let mark = context.map { $0 &+ 1 } ?? 0
    return unsafe nghttp2_session_set_stream_user_data(
      session, stream, UnsafeMutableRawPointer(bitPattern: mark)) == 0
  }

  func context(_ stream: Int32) -> Int? {
    let mark = unsafe Int(bitPattern: nghttp2_session_get_stream_user_data(session, stream))
    return mark <= 0 ? nil : mark - 1
  }

  /// Where the stream's body is; nil when it has none.
  func bodyPlace(_ stream: Int32) -> Int? {
    bodyPlaces.place(stream)
  }

  func setBody(_ stream: Int32, _ place: Int) {
    bodyPlaces.insert(stream, place)
  }

  func removeBody(_ stream: Int32) -> Int? {
    bodyPlaces.remove(stream)
  }

  /// How much of a body the peer takes on the stream now, as its windows and those of the connection
  /// say; never less than 0.
  public func window(_ stream: Int32) -> Int {
    let own = unsafe nghttp2_session_get_stream_remote_window_size(session, stream)
    let whole = unsafe nghttp2_session_get_remote_window_size(session)
    return max(0, Int(min(own, whole)))
  }

  /// How many streams the peer lets us have open at a time.
  public var peerStreams: Int {
    Int(
      unsafe nghttp2_session_get_remote_settings(
        session, NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS))
  }

  /// Whether the peer takes an extended CONNECT (RFC 8441 section 3).
  public var peerTakesExtendedConnect: Bool {
    unsafe nghttp2_session_get_remote_settings(
      session, NGHTTP2_SETTINGS_ENABLE_CONNECT_PROTOCOL) == 1
  }

  /// Whether neither side has anything more to say.
  public var isOver: Bool {
    if hasFailed { return true }
    let (wantsRead, wantsWrite) = unsafe (
      nghttp2_session_want_read(session), nghttp2_session_want_write(session)
    )
    return wantsRead == 0 && wantsWrite == 0
  }

  /// Whether `write` has something to write.
  public var hasOutput: Bool {
    if hasFailed { return false }
    return unsafe nghttp2_session_want_write(session) != 0
  }

  func nonce() -> (UInt64, UInt64) { (random.next(), random.next()) }

  // MARK: Ends

  /// Ends the session for what the peer did: a GOAWAY is all that goes out yet.
  public func end(_ reason: HTTP2End) {
    guard end == nil else { return }
    end = reason
    _ = unsafe nghttp2_session_terminate_session(session, reason.code)
  }

  /// Tells the peer to open no more streams (RFC 9113 section 6.8). Those that are on their way are
  /// still taken, until `finishShutdown`, which is due when `pingAnswered` tells that it knows.
  public func beginShutdown() {
    if role == .server { _ = unsafe nghttp2_submit_shutdown_notice(session) }
  }

  /// Takes no more streams; the session is over with the last one that is open.
  public func finishShutdown() {
    let last = unsafe nghttp2_session_get_last_proc_stream_id(session)
    _ = unsafe nghttp2_submit_goaway(
      session, UInt8(NGHTTP2_FLAG_NONE.rawValue), last, NGHTTP2_NO_ERROR.rawValue, nil, 0)
  }

  public func ping() {
    _ = unsafe nghttp2_submit_ping(session, UInt8(NGHTTP2_FLAG_NONE.rawValue), nil)
  }

  /// Resets a stream (RFC 9113 section 6.4); what was given for it is dropped.
  public func reset(_ stream: Int32, _ code: HTTP2Code) {
    resets.insert(stream)
    _ = unsafe nghttp2_submit_rst_stream(
      session, UInt8(NGHTTP2_FLAG_NONE.rawValue), stream, code.rawValue)
  }

  /// Gives back the window of bytes that were taken of the stream's body. Of a stream that is over the
  /// connection's window is still to be given back.
  public func consume(_ stream: Int32, _ count: Int) {
    guard count > 0 else { return }
    if unsafe nghttp2_session_consume(session, stream, count) != 0 {
      _ = unsafe nghttp2_session_consume_connection(session, count)
    }
  }
}

/// The codes of RFC 9113 section 7 that are given.
public enum HTTP2Code: UInt32, Sendable {
  case noError = 0
  case protocolError = 1
  case internalError = 2
  case flowControlError = 3
  case settingsTimeout = 4
  case streamClosed = 5
  case frameSizeError = 6
  case refusedStream = 7
  case cancel = 8
  case compressionError = 9
  case connectError = 10
  case enhanceYourCalm = 11
  case inadequateSecurity = 12
  case http11Required = 13
}

extension HTTP2End {
  var code: UInt32 {
    switch self {
    case .protocolError, .badPreface: HTTP2Code.protocolError.rawValue
    case .flowControlError: HTTP2Code.flowControlError.rawValue
    case .frameSizeError: HTTP2Code.frameSizeError.rawValue
    case .compressionError: HTTP2Code.compressionError.rawValue
    case .streamClosedError: HTTP2Code.streamClosed.rawValue
    case .unanswered: HTTP2Code.noError.rawValue
    default: HTTP2Code.enhanceYourCalm.rawValue
    }
  }

  /// What nghttp2 ended a session with.
  init?(code: UInt32) {
    switch HTTP2Code(rawValue: code) {
    case .noError: return nil
    case .flowControlError: self = .flowControlError
    case .frameSizeError: self = .frameSizeError
    case .compressionError: self = .compressionError
    case .streamClosed: self = .streamClosedError
    case .enhanceYourCalm: self = .acknowledgementFlood
    default: self = .protocolError
    }
  }
}

/// The header block that is being read.
struct HeaderBlock {
  var stream: Int32 = 0
  var isOpen = false
  var isTrailers = false
  var error: HTTP2HeadError?
  /// It has more than is kept.
  var isTooLarge = false
  /// With 32 bytes a field.
  var listBytes = 0
  var listFields = 0
  /// Fields kept, parts of cookies not counted.
  var fields = 0
  var continuations = 0
}

/// The numbers of the streams that were reset last.
struct RecentStreams {
  /// On the heap, since in a session's state it would be copied whenever it is looked at.
  private var ring: [Int32] = []
  private var next = 0
  /// Up to this number streams may have been forgotten.
  private var forgotten: Int32 = 0
  private var highest: Int32 = 0
  private static let limit = 256

  mutating func insert(_ stream: Int32) {
    highest = max(highest, stream)
    guard ring.count == Self.limit else {
      ring.append(stream)
      return
    }
    forgotten = max(forgotten, ring[next])
    ring[next] = stream
    next = (next + 1) % Self.limit
  }

  /// Whether it was reset, as far as is known.
  func mayContain(_ stream: Int32) -> Bool { stream <= forgotten || contains(stream) }

  func contains(_ stream: Int32) -> Bool {
    stream <= highest && ring.contains(stream)
  }
}
