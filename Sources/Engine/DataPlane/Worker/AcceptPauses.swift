import Primitives

/// Moments in which a worker accepts no connection.
struct AcceptPauses {
  enum Cause: String, Sendable {
    /// Clients have all the connections that they may have.
    case connections
    /// The system gives no descriptor or no memory.
    case descriptors
  }

  struct Counts: Sendable {
    var connections: UInt64 = 0
    var descriptors: UInt64 = 0
  }

  private(set) var counts = Counts()
  private var lastNotice = Instant.zero

  /// - Returns: whether it is worth saying again.
  mutating func count(_ cause: Cause, now: Instant) -> Bool {
    switch cause {
    case .connections: counts.connections &+= 1
    case .descriptors: counts.descriptors &+= 1
    }
    guard lastNotice == .zero || now - lastNotice >= DataPlaneLimits.limitNoticeGap else {
      return false
    }
    lastNotice = now
    return true
  }
}
