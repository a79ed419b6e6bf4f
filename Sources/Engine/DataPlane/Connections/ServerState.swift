import Balancing
import Primitives
import TLS
import Telemetry
import Topology

/// What a worker keeps of a server over all topologies.
struct ServerState {
  /// `ServiceID.index` of the one that it belongs to.
  var service: Int?
  /// Whether the topology had it as unhealthy.
  var isUnhealthy = false
  /// Of a revision that takes another's place.
  var isNew = false
  /// Clients whose session is here, while it has no room. Others don't wait behind them.
  var waiting = WaitingLine()
  /// Nil while no topology names the server.
  var address: SocketAddress?
  /// Changes with the address.
  var addressVersion: UInt32 = 0
  /// Nil for one that is spoken to without TLS.
  var security: Security? {
    // What was agreed on with others, or under other rules, is not gone on with.
    didSet { resumption = nil }
  }
  var resumption: TLSResumption?
  /// The name as bytes, for the access log.
  var name: [UInt8] = []
  /// The most recently used idle connection.
  var firstIdle: Int?
  /// Connections of HTTP/2 that take more streams, oldest first; and how many of them each took at last.
  var sessions: [Int] = []
  var streamsPerSession = DataPlaneLimits.streamsBeforeSettings
  var requests: UInt64 = 0
  var failures: UInt64 = 0
  /// Good answers, and how long their heads took in all; wraps.
  var answers: UInt64 = 0
  var answerNanoseconds: UInt64 = 0
  var latencies = CoarseLatencySketch()
  var streams: UInt64 = 0
  var codes = CodeCounts()
  var lastNotice = Instant.zero

  /// How it is spoken to over TLS.
  struct Security: Equatable {
    /// Nil where nothing is ready: the server is not connected to.
    var context: TLSClientContext?
    /// What its certificate has to name.
    var name: String
    /// Goes ahead of TLS.
    var proxyHeader: ProxyHeaderVersion?

    static func == (left: Security, right: Security) -> Bool {
      left.context === right.context && left.name == right.name
        && left.proxyHeader == right.proxyHeader
    }
  }
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
