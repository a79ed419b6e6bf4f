import Primitives
import Proxying

/// The tries of one request, for `ballast explain`: plain values of a fixed size, for every request
/// carries them along. The last place is the last try's; those between it and the others are counted.
struct RequestTries: Sendable {
  static let limit = 4

  enum End: UInt8, Sendable {
    case underWay
    /// An answer was relayed.
    case answered
    case connectFailure, reset, timeout, staleConnection, gatewayError
    case refusedStream, grpcStatus
    /// The other of two tries answered first.
    case overtaken
    /// The request failed with it; its reason says how.
    case failed
    /// The answer could not be completed, and the client was told by a cut.
    case cut
    /// The client left.
    case abandoned
  }

  struct Try: Sendable {
    /// `ServerID.index`.
    var server: Int32 = -1
    /// Microseconds since the request began, at most 71 minutes; 0 for what did not happen.
    var began: UInt32 = 0
    /// 0 also where the connection stood already.
    var connected: UInt32 = 0
    var answerBegan: UInt32 = 0
    var ended: UInt32 = 0
    /// Of its answer; 0 without one.
    var status: UInt16 = 0
    var end = End.underWay
    var isHedge = false
    /// Over a connection that had served before.
    var isReused = false
  }

  private var places = InlineArray<4, Try>(repeating: Try())
  private(set) var count: UInt16 = 0

  /// Whether the next one takes the place of the last.
  var isFull: Bool { count >= UInt16(Self.limit) }
  /// Those of `all`, and those of them for which a connection had to be made.
  var known: Int { min(Int(count), Self.limit) }
  var connections: Int {
    var sum = 0
    for place in 0..<known where places[place].waitedForConnection { sum += 1 }
    return sum
  }

  /// Whether an answer came only in part.
  var isCutOff: Bool {
    for place in 0..<min(Int(count), Self.limit) where places[place].answerBegan > 0 {
      switch places[place].end {
      case .cut, .reset, .timeout: return true
      default: break
      }
    }
    return false
  }

  var last: Try { places[min(max(1, Int(count)), Self.limit) - 1] }

  /// Oldest first; beyond `limit` the last ones but one are missing.
  var all: [Try] { (0..<min(Int(count), Self.limit)).map { places[$0] } }

  mutating func began(_ server: Int, isHedge: Bool, isReused: Bool, after span: TimeSpan) {
    let place = min(Int(count), Self.limit - 1)
    places[place] = Try(
      server: Int32(truncatingIfNeeded: server), began: Self.microseconds(span), isHedge: isHedge,
      isReused: isReused)
    if count < .max { count += 1 }
  }

  mutating func connected(_ server: Int, after span: TimeSpan) {
    guard let place = open(server) else { return }
    places[place].connected = max(1, Self.microseconds(span))
  }

  /// Which of all tries the one under way at a server is, from 0; nil without one.
  func number(at server: Int) -> Int? {
    guard let place = open(server) else { return nil }
    return place == Self.limit - 1 ? Int(count) - 1 : place
  }

  mutating func answered(_ server: Int, _ status: Int, after span: TimeSpan) {
    guard let place = open(server) else { return }
    places[place].status = UInt16(clamping: status)
    places[place].answerBegan = max(1, Self.microseconds(span))
  }

  /// The first word on how a try ended holds.
  mutating func ended(_ server: Int, _ end: End, after span: TimeSpan) {
    guard let place = open(server) else { return }
    places[place].end = end
    places[place].ended = max(1, Self.microseconds(span))
  }

  /// The request ended, and with it all that is under way.
  mutating func finish(_ end: End, after span: TimeSpan) {
    for place in 0..<min(Int(count), Self.limit) where places[place].end == .underWay {
      places[place].end = end
      places[place].ended = max(1, Self.microseconds(span))
    }
  }

  private func open(_ server: Int) -> Int? {
    let server = Int32(truncatingIfNeeded: server)
    for place in (0..<min(Int(count), Self.limit)).reversed()
    where places[place].server == server && places[place].end == .underWay {
      return place
    }
    return nil
  }

  private static func microseconds(_ span: TimeSpan) -> UInt32 {
    UInt32(clamping: span.nanoseconds / 1_000)
  }
}

extension RequestTries.End {
  init(_ failure: WorkerNotice.Failure) {
    switch failure {
    case .connectFailure: self = .connectFailure
    case .reset: self = .reset
    case .timeout: self = .timeout
    }
  }

  init(_ reason: Exchange.RetryReason) {
    switch reason {
    case .connectFailure: self = .connectFailure
    case .reset: self = .reset
    case .timeout: self = .timeout
    case .staleConnection: self = .staleConnection
    case .gatewayError: self = .gatewayError
    case .refusedStream: self = .refusedStream
    case .grpcStatus: self = .grpcStatus
    case .hedge: self = .overtaken
    }
  }
}
