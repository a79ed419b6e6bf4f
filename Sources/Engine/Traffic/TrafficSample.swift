import HTTP2
import Primitives
import Telemetry
import Topology

/// The counters of all workers added up, as of one moment. Places are the numbers of the
/// `IdentityRegistry`.
struct TrafficSample: Sendable {
  struct Service: Sendable {
    var requests: UInt64 = 0
    var failures: UInt64 = 0
    var retries: UInt64 = 0
    var inflight = 0
    var queued = 0
    var tunnels = 0
    var sessions = 0
    var latencies = LatencySketch()
    var newLatencies = LatencySketch()
  }

  struct Server: Sendable {
    var requests: UInt64 = 0
    var failures: UInt64 = 0
    var answers: UInt64 = 0
    var answerNanoseconds: UInt64 = 0
    var latencies = CoarseLatencySketch()
    var inflight = 0
    var connections = 0
    /// Workers that leave it out for now.
    var avoidedBy = 0
    /// After its slow start's part; workers differ by a moment at most.
    var weight = 0.0
    /// Of all workers together; 0 where none follows the latency.
    var concurrencyLimit = 0
    var ejections: UInt64 = 0
  }

  struct Listener: Sendable {
    var open = 0
    var accepted: UInt64 = 0
    var requests: UInt64 = 0
    var refused = WorkerReport.ConnectionRefusals()
    var handshakes = HandshakeCounters()
    /// By `HTTP2End.rawValue`.
    var ended = [UInt64](repeating: 0, count: HTTP2End.allCases.count)
  }

  /// The way that requests took: nil where no route took them, or the route went to no service.
  struct Flow: Hashable, Sendable {
    var listener: Int
    var route: Int?
    var service: Int?
  }

  var at: Instant
  private(set) var services: [Int: Service] = [:]
  private(set) var servers: [Int: Server] = [:]
  private(set) var listeners: [Int: Listener] = [:]
  /// Requests, and streams that ended.
  private(set) var flows: [Flow: UInt64] = [:]

  init(at: Instant, _ reports: [WorkerReport] = []) {
    self.at = at
    for report in reports { add(report) }
  }

  private mutating func add(_ report: WorkerReport) {
    for counters in report.services {
      var service = services[counters.id.index] ?? Service()
      service.requests &+= counters.requests
      service.failures &+= counters.failures
      service.retries &+= counters.retriesAfterConnectFailure
      service.retries &+= counters.retriesAfterReset
      service.retries &+= counters.retriesAfterTimeout
      service.retries &+= counters.retriesAfterGatewayError
      service.retries &+= counters.retriesAfterRefusal
      service.retries &+= counters.retriesAfterGRPCStatus
      service.inflight += counters.inflight
      service.queued += counters.queued
      service.tunnels += counters.tunnels
      service.sessions = max(service.sessions, counters.sessions)
      service.latencies.add(counters.latencies)
      service.newLatencies.add(counters.newLatencies)
      services[counters.id.index] = service
    }
    for counters in report.servers {
      var server = servers[counters.id.index] ?? Server()
      server.requests &+= counters.requests
      server.failures &+= counters.failures
      server.answers &+= counters.answers
      server.answerNanoseconds &+= counters.answerNanoseconds
      server.latencies.add(counters.latencies)
      server.inflight += counters.inflight
      server.connections += counters.openConnections
      server.avoidedBy += counters.isAvoided ? 1 : 0
      server.weight = max(server.weight, counters.weight)
      server.concurrencyLimit += counters.concurrencyLimit
      server.ejections &+= counters.ejections
      servers[counters.id.index] = server
    }
    for counters in report.listeners {
      var listener = listeners[counters.id.index] ?? Listener()
      listener.open += counters.open
      listener.accepted &+= counters.accepted
      listener.handshakes.add(counters.handshakes)
      listener.refused.add(counters.refused)
      for (index, count) in counters.ended.enumerated() { listener.ended[index] &+= count }
      listeners[counters.id.index] = listener
    }
    for series in report.series {
      var listener = listeners[series.listener.index] ?? Listener()
      let requests = series.codes.reduce(0) { $0 &+ $1.count }
      listener.requests &+= requests
      listeners[series.listener.index] = listener
      let flow = Flow(
        listener: series.listener.index, route: series.route?.index, service: series.service?.index)
      flows[flow, default: 0] &+= requests
    }
    for series in report.streams {
      let flow = Flow(listener: series.listener.index, service: series.service?.index)
      flows[flow, default: 0] &+= series.ends.reduce(0) { $0 &+ $1 }
    }
  }
}
