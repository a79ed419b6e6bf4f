internal import CNghttp2
import Primitives

/// What changes of a session, in a place of its own on the heap. Properties of a class are checked for
/// overlapping accesses as the program runs, which was a tenth of what a request costs here. nghttp2 calls
/// back in the middle of a method, on its thread; no method holds access to a property over such a call.
@safe struct SessionState: ~Copyable {
  /// Nil only if memory ran out as it was made.
  var session: OpaquePointer?

  var scanner: FrameScanner
  var ledger: FrameLedger
  var now = Instant.zero
  var random: SeededRandom

  var events: [HTTP2Event] = []
  var eventsTaken = 0
  /// Where the bytes stand that `receive` is at.
  var input = unsafe UnsafeRawBufferPointer(start: nil, count: 0)

  // The header block that is under way: there is never more than one.
  var requestText = HTTP2RequestText()
  var answerText = HTTP2AnswerText()
  var block = HeaderBlock()

  var bodies = Slab<OutgoingBody>(limit: 65_536)
  /// Where in it the bodies of the streams are.
  var bodyPlaces = StreamTable()
  var fields = HTTP2Fields()
  var batch: FrameBatch?
  /// Bytes of all bodies that are not in frames yet.
  var heldBytes = 0
  /// Bytes of bodies that went into frames, all in all.
  var sentBytes = 0
  /// Streams that are open or half closed.
  var openStreams = 0
  /// Streams that we reset: what was on its way on them is no mistake of the peer's.
  var resets = RecentStreams()
  /// The streams between which a client passed over others last.
  var passedOver: (above: Int32, below: Int32) = (0, 0)
  /// Why we ended the session, if we did.
  var end: HTTP2End?
  /// Whether nghttp2 gave up.
  var hasFailed = false

  init(scanner: FrameScanner, ledger: FrameLedger, random: SeededRandom) {
    self.scanner = scanner
    self.ledger = ledger
    self.random = random
  }
}

extension HTTP2Session {
  var session: OpaquePointer? {
    _read { yield unsafe state.session }
    _modify { yield unsafe &state.session }
  }

  var scanner: FrameScanner {
    _read { yield state.scanner }
    _modify { yield &state.scanner }
  }

  var ledger: FrameLedger {
    _read { yield state.ledger }
    _modify { yield &state.ledger }
  }

  var now: Instant {
    _read { yield state.now }
    _modify { yield &state.now }
  }

  var random: SeededRandom {
    _read { yield state.random }
    _modify { yield &state.random }
  }

  var events: [HTTP2Event] {
    _read { yield state.events }
    _modify { yield &state.events }
  }

  var eventsTaken: Int {
    _read { yield state.eventsTaken }
    _modify { yield &state.eventsTaken }
  }

  var input: UnsafeRawBufferPointer {
    _read { yield unsafe state.input }
    _modify { yield unsafe &state.input }
  }

  var requestText: HTTP2RequestText {
    _read { yield state.requestText }
    _modify { yield &state.requestText }
  }

  var answerText: HTTP2AnswerText {
    _read { yield state.answerText }
    _modify { yield &state.answerText }
  }

  var block: HeaderBlock {
    _read { yield state.block }
    _modify { yield &state.block }
  }

  var bodies: Slab<OutgoingBody> {
    _read { yield state.bodies }
    _modify { yield &state.bodies }
  }

  var bodyPlaces: StreamTable {
    _read { yield state.bodyPlaces }
    _modify { yield &state.bodyPlaces }
  }

  var fields: HTTP2Fields {
    _read { yield state.fields }
    _modify { yield &state.fields }
  }

  var batch: FrameBatch? {
    _read { yield state.batch }
    _modify { yield &state.batch }
  }

  /// Bytes of all bodies that are not in frames yet.
  public internal(set) var heldBytes: Int {
    _read { yield state.heldBytes }
    _modify { yield &state.heldBytes }
  }

  /// Bytes of bodies that went into frames, all in all.
  public internal(set) var sentBytes: Int {
    _read { yield state.sentBytes }
    _modify { yield &state.sentBytes }
  }

  /// Streams that are open or half closed.
  public internal(set) var openStreams: Int {
    _read { yield state.openStreams }
    _modify { yield &state.openStreams }
  }

  var resets: RecentStreams {
    _read { yield state.resets }
    _modify { yield &state.resets }
  }

  var passedOver: (above: Int32, below: Int32) {
    _read { yield state.passedOver }
    _modify { yield &state.passedOver }
  }

  /// Why we ended the session, if we did.
  public internal(set) var end: HTTP2End? {
    _read { yield state.end }
    _modify { yield &state.end }
  }

  var hasFailed: Bool {
    _read { yield state.hasFailed }
    _modify { yield &state.hasFailed }
  }

}
