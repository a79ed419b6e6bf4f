import Compression
import Topology

/// What compression has to do with a request.
struct RequestCompression {
  /// Whether answers on its route may be compressed.
  var isOn = false
  var accepted = AcceptedCodings()
  /// The coding of the copy that the client asks to be told to keep.
  var known: ContentCoding?
  /// A place in the worker's pool, while its answer is compressed.
  var encoder: Int?
}

/// What a worker's encoders did since it began; by the coding's raw value.
struct CompressionCounters: Sendable {
  struct Coding: Sendable {
    var answers: UInt64 = 0
    var inputBytes: UInt64 = 0
    var outputBytes: UInt64 = 0
  }

  var codings = [Coding](repeating: Coding(), count: ContentCoding.allCases.count)
  /// Answers that went as they were, since too many were compressed at the moment.
  var refusals: UInt64 = 0
}
