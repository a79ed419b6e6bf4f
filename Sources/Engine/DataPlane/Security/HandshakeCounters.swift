import TLS

/// Handshakes of one listener that came to an end.
struct HandshakeCounters: Sendable {
  struct Done: Sendable, Hashable {
    var version: TLSProtocolVersion
    var isResumed: Bool
  }

  /// Four kinds at most.
  private(set) var done: [Done: UInt64] = [:]
  /// By `TLSFailure.rawValue`; empty before the first.
  private(set) var failed: [UInt64] = []

  mutating func count(_ version: TLSProtocolVersion, isResumed: Bool) {
    done[Done(version: version, isResumed: isResumed), default: 0] &+= 1
  }

  mutating func count(_ failure: TLSFailure) {
    if failed.isEmpty { failed = [UInt64](repeating: 0, count: TLSFailure.allCases.count) }
    failed[Int(failure.rawValue)] &+= 1
  }

  mutating func add(_ other: HandshakeCounters) {
    done.merge(other.done) { $0 &+ $1 }
    if failed.isEmpty {
      failed = other.failed
    } else {
      for (index, count) in other.failed.enumerated() { failed[index] &+= count }
    }
  }
}
