import Primitives
import Topology

/// Answers of one server that are made slow or bad on purpose, between it and us, so that all that
/// judges servers takes it for the server's own doing.
struct AnswerDrill: Sendable, Equatable {
  enum Effect: Sendable, Equatable {
    /// Held back for so long before the first byte is read.
    case slow(TimeSpan)
    /// Replaced by 503.
    case errors
  }

  enum Mark: UInt8 {
    case undecided
    /// Goes on as it is.
    case spared
    /// Waits for its time.
    case held
    /// Is to be replaced.
    case failed
  }

  var server: ServerID
  var effect: Effect
  /// Of its answers, 0 … 1.
  var share: Double
  /// Ends by itself, whatever becomes of the control plane.
  var until: Instant

  /// Without a body, so that it is whole for HTTP/1 and HTTP/2; the connection ends with it, since what the
  /// server really says still comes.
  static let answer: StaticString =
    "HTTP/1.1 503 Service Unavailable\r\nX-Ballast-Drill: errors\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
}
