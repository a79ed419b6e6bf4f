import Balancing
import Primitives
import Topology

/// What a worker keeps of a server over all topologies.
struct ServerState {
  /// `ServiceID.index` of the one that it belongs to.
  var service: Int?
  /// Whether the topology had it as unhealthy.
  var isUnhealthy = false
  /// Clients whose session is here, while it has no room. Others don't wait behind them.
  var waiting = WaitingLine()
  /// Nil while no topology names the server.
  var address: SocketAddress?
  /// Changes with the address.
  var addressVersion: UInt32 = 0
  /// The name as bytes, for the access log.
  var name: [UInt8] = []
  /// The most recently used idle connection.
  var firstIdle: Int?
  var requests: UInt64 = 0
  var failures: UInt64 = 0
  var streams: UInt64 = 0
  var codes = CodeCounts()
  var lastNotice = Instant.zero
}

/// How often each status was seen: a short list, searched from the front, the frequent ones first.
struct CodeCounts {
  private(set) var counts: [WorkerReport.CodeCount] = []
  /// Statuses are 0 to 599, so the list can't grow beyond this.
  static let limit = 600

  mutating func count(_ code: Int) {
    for index in counts.indices where counts[index].code == code {
      counts[index].count &+= 1
      if index > 0, counts[index].count > counts[index - 1].count {
        counts.swapAt(index, index - 1)
      }
      return
    }
    counts.append(.init(code: code, count: 1))
  }
}
