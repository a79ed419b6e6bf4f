import Tracing
import Wire

/// A request that is kept as a trace, as its worker hands it over: plain values, which the exporter makes
/// spans of.
struct TracedRequest: ExportItem {
  enum Version: UInt8, Sendable {
    case http10, http11, http2
  }

  var record: RequestRecord
  var mark: TraceMark
  /// Those tries that the record had no room for, between its third and its last.
  var middleTries: [RequestTries.Try] = []
  var reason: TraceReason
  var version: Version
  var isSecure: Bool
  var isFailed: Bool
  var isTunnel: Bool
  /// Of a call of gRPC.
  var callStatus: GRPCStatus?

  /// Oldest first.
  var tries: [RequestTries.Try] {
    let known = record.tries.all
    guard !middleTries.isEmpty else { return known }
    return known.dropLast() + middleTries + known.suffix(1)
  }

  var spanCount: Int {
    1 + mark.waits.count + record.tries.known + record.tries.connections + middleTries.count
      + middleTries.count { $0.waitedForConnection }
  }
}

extension RequestTries.Try {
  /// Whether a connection had to be made for it, be it in vain.
  var waitedForConnection: Bool { !isReused && (connected > 0 || end == .connectFailure) }
}
