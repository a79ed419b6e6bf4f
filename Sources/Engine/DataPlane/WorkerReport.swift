import Primitives
import Proxying
import Telemetry
import Topology
import Wire

/// Counters of one worker since it began; all but the gauges only grow.
struct WorkerReport: Sendable {
  struct ListenerCounters: Sendable {
    var id: ListenerID
    /// Gauge.
    var open: Int
    var accepted: UInt64
    var refused = ConnectionRefusals()
    var handshakes = HandshakeCounters()
    /// Connections of HTTP/2 that we ended, by `HTTP2End.rawValue`.
    var ended: [UInt64] = []
  }

  /// Connections that were closed for the good of others.
  struct ConnectionRefusals: Sendable {
    var banned: UInt64 = 0
    var limit: UInt64 = 0
    var addressLimit: UInt64 = 0
    /// Rested, and made way.
    var evicted: UInt64 = 0
    /// Took too little of an answer.
    var slow: UInt64 = 0

    mutating func add(_ other: Self) {
      banned &+= other.banned
      limit &+= other.limit
      addressLimit &+= other.addressLimit
      evicted &+= other.evicted
      slow &+= other.slow
    }
  }

  /// One `ballast_request_duration_seconds` series and the `ballast_requests_total` of its codes.
  struct RequestSeries: Sendable {
    var listener: ListenerID
    /// Nil when no route took the request.
    var route: RouteID?
    var service: ServiceID?
    var method: Wire.Method
    var durations: LatencyHistogram
    var codes: [CodeCount]
    /// Those of them that a rate limit refused.
    var rateLimited: UInt64 = 0
    /// Of many listeners, routes and services, beyond `RequestStatistics.seriesLimit`.
    var isFolded = false
    /// Only where they were asked for.
    var exemplars: [LatencyExemplar] = []
  }

  /// Streams and datagrams of one listener and service.
  struct StreamSeries: Sendable {
    var listener: ListenerID
    /// Nil for those that came to none.
    var service: ServiceID?
    /// From clients · to clients.
    var bytesIn: UInt64 = 0
    var bytesOut: UInt64 = 0
    var datagramsIn: UInt64 = 0
    var datagramsOut: UInt64 = 0
    /// Of either direction.
    var datagramsDropped: UInt64 = 0
    /// Those that ended, by `StreamEnd.Reason.rawValue`.
    var ends = [UInt64](repeating: 0, count: StreamEnd.Reason.allCases.count)
  }

  struct CodeCount: Sendable {
    /// The status sent to the client; 0 when the client left or was cut before one.
    var code: Int
    var count: UInt64
  }

  struct ServiceCounters: Sendable {
    var id: ServiceID
    var requests: UInt64 = 0
    /// Answers of 5xx, and requests that got none.
    var failures: UInt64 = 0
    var retriesAfterConnectFailure: UInt64 = 0
    var retriesAfterReset: UInt64 = 0
    var retriesAfterTimeout: UInt64 = 0
    var retriesAfterGatewayError: UInt64 = 0
    /// Of a stream by its server · for the status of a call of gRPC.
    var retriesAfterRefusal: UInt64 = 0
    var retriesAfterGRPCStatus: UInt64 = 0
    /// Second tries beside slow first ones, and those of them that answered first.
    var hedges: UInt64 = 0
    var hedgesWon: UInt64 = 0
    var hedgesLost: UInt64 = 0
    /// Second tries, of either kind, that the budget refused.
    var budgetRefusals: UInt64 = 0
    /// Requests answered 503: the queue was full, they waited too long in an overloaded one, or until
    /// their deadline.
    var shedQueueFull: UInt64 = 0
    var shedOverload: UInt64 = 0
    var shedQueueTimeout: UInt64 = 0
    var mirror = MirrorCounters()
    /// Gauges.
    var inflight = 0
    var queued = 0
    /// Connections that switched to another protocol.
    var tunnels = 0
    /// Clients in the table; every worker has all of them.
    var sessions = 0
    var latencies = LatencySketch()
    /// Of servers of a revision that takes another's place.
    var newLatencies = LatencySketch()
    /// Calls of gRPC that ended, by status; empty before the first.
    var calls: [UInt64] = []
  }

  struct ServerCounters: Sendable {
    var id: ServerID
    /// Gauges.
    var inflight = 0
    var openConnections = 0
    var isAvoided = false
    /// After its slow start's part; 0 while it gets no requests.
    var weight = 0.0
    /// Where it follows the server's latency; else 0.
    var concurrencyLimit = 0
    /// How often it was avoided.
    var ejections: UInt64 = 0
    /// Tries sent, and those of them that failed or were answered 5xx.
    var requests: UInt64 = 0
    var failures: UInt64 = 0
    /// Good answers, and how long their heads took in all.
    var answers: UInt64 = 0
    var answerNanoseconds: UInt64 = 0
    var latencies = CoarseLatencySketch()
    /// Streams that it took.
    var streams: UInt64 = 0
    var codes: [CodeCount] = []
  }

  var worker: Int
  var listeners: [ListenerCounters]
  var series: [RequestSeries]
  var streams: [StreamSeries] = []
  var services: [ServiceCounters]
  var servers: [ServerCounters]
  /// How often no connection was accepted for a moment.
  var pauses = AcceptPauses.Counts()
  var compression = CompressionCounters()
  /// Answers that drills were done to.
  var drilled: UInt64 = 0
  /// Lines that the access log's sampling left out.
  var unsampledLines: UInt64 = 0
}
