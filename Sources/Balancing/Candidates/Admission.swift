import Primitives
import Topology

/// What a server's limits allow.
struct Admission: Sendable {
  /// Requests under way. An idle connection may be reused, so only busy ones count against the limit
  /// of connections, and there is one limit of both.
  private var most = Int.max
  private var isAdaptive = false

  init() {}

  init(_ limits: Limits) {
    if limits.requests > 0 { most = limits.requests }
    if limits.connections > 0 { most = min(most, limits.connections) }
    isAdaptive = limits.isAdaptive
  }

  @inline(__always) func hasRoom(_ server: Int, _ loads: [ServerLoad]) -> Bool {
    let inflight = loads[server].inflight
    return inflight < most && (!isAdaptive || inflight < loads[server].limit)
  }
}

/// One request's side of a pick.
struct Question {
  let tried: TriedServers
  let key: UInt64
  let now: Instant

  @inline(__always) func wasTried(_ server: Int) -> Bool {
    tried.count > 0 && tried.contains(server)
  }
}

/// What a candidate has to be forgiven, from nothing on.
enum Leniency: Int, Comparable {
  case none, tooLoaded, avoided, tried

  static func < (left: Leniency, right: Leniency) -> Bool { left.rawValue < right.rawValue }
}
