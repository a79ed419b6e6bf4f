import Primitives
import Proxying
import Tracing

/// What a request under way carries along for its trace.
struct TraceMark: Sendable {
  /// Whether the request is traced at all: it began while traces were made.
  var isSet = false
  /// As was decided at its beginning.
  var isSampled = false
  var isContinued = false
  var trace = TraceIdentifier(high: 0, low: 0)
  /// The span of the client that asked; 0 where the trace begins here.
  var parent: UInt64 = 0
  var flags: TraceFlags = []
  var span: UInt64 = 0
  /// The number of the try whose span its head names; nil before it is written.
  var writtenTry: Int32?
  var waits = TraceWaits()
}

/// The times that a request spent in queues, from its beginning on.
struct TraceWaits: Sendable {
  static let limit = 4

  struct Wait: Sendable {
    /// Microseconds, at most 71 minutes; `ended` is 0 while it lasts.
    var began: UInt32 = 0
    var ended: UInt32 = 0
  }

  private var places = InlineArray<4, Wait>(repeating: Wait())
  private(set) var count = 0

  var all: [Wait] { (0..<count).map { places[$0] } }

  /// One that follows at once upon another is the same; beyond `limit` the last one grows.
  mutating func begin(after span: TimeSpan) {
    let began = UInt32(clamping: span.nanoseconds / 1_000)
    if count > 0, count == Self.limit || places[count - 1].ended == max(1, began) {
      places[count - 1].ended = 0
      return
    }
    places[count] = Wait(began: began)
    count += 1
  }

  mutating func end(after span: TimeSpan) {
    guard count > 0, places[count - 1].ended == 0 else { return }
    places[count - 1].ended = UInt32(clamping: max(1, span.nanoseconds / 1_000))
  }
}
