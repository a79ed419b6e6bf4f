import AdminAPI
import Primitives
import Telemetry
import Topology

/// Samples a second apart: rates over the last ten seconds, and a point a second for the charts.
struct TrafficHistory: Sendable {
  /// Points of a service.
  static let pointLimit = 600
  /// Seconds that rates and quantiles cover.
  static let windowSeconds = 10

  struct Rates: Sendable {
    var requestsPerSecond = 0.0
    var failuresPerSecond = 0.0
    var p50: Double?
    var p99: Double?
  }

  /// Ten minutes, and a day of services: longer than anybody looks back for what is wrong now.
  private(set) var recent = TrafficSeries(step: 5, services: 120, servers: 120)
  private(set) var day = TrafficSeries(step: 60, services: 1_440, servers: 180)
  private var samples: [TrafficSample] = []
  private var points: [Int: [HistoryPoint]] = [:]

  var latest: TrafficSample? { samples.last }

  mutating func add(_ sample: TrafficSample, at time: WallTime) {
    recent.add(sample, at: time)
    day.add(sample, at: time)
    if let previous = samples.last {
      for (index, service) in sample.services {
        points[index, default: []].append(
          Self.point(service, since: previous.services[index], at: time))
        let excess = points[index, default: []].count - Self.pointLimit
        if excess > 0 { points[index]?.removeFirst(excess) }
      }
    }
    samples.append(sample)
    // One more than the seconds of the window: rates are differences.
    let excess = samples.count - Self.windowSeconds - 1
    if excess > 0 { samples.removeFirst(excess) }
  }

  /// Oldest first.
  func points(of service: ServiceID) -> [HistoryPoint] { points[service.index] ?? [] }

  func rates(of service: ServiceID) -> Rates {
    guard let (first, last, seconds) = window, let now = last.services[service.index] else {
      return Rates()
    }
    let before = first.services[service.index] ?? TrafficSample.Service()
    var latencies = now.latencies
    latencies.subtract(before.latencies)
    return Rates(
      requestsPerSecond: Double(now.requests &- before.requests) / seconds,
      failuresPerSecond: Double(now.failures &- before.failures) / seconds,
      p50: latencies.quantile(0.5), p99: latencies.quantile(0.99))
  }

  func requestsPerSecond(of server: ServerID) -> Double {
    guard let (first, last, seconds) = window, let now = last.servers[server.index] else {
      return 0
    }
    return Double(now.requests &- (first.servers[server.index]?.requests ?? 0)) / seconds
  }

  func requestsPerSecond(of listener: ListenerID) -> Double {
    guard let (first, last, seconds) = window, let now = last.listeners[listener.index] else {
      return 0
    }
    return Double(now.requests &- (first.listeners[listener.index]?.requests ?? 0)) / seconds
  }

  /// Over the last ten seconds, those of nothing left out.
  var flows: [(flow: TrafficSample.Flow, requestsPerSecond: Double)] {
    guard let (first, last, seconds) = window else { return [] }
    return last.flows.compactMap { flow, requests in
      let grown = requests &- (first.flows[flow] ?? 0)
      return grown == 0 ? nil : (flow, Double(grown) / seconds)
    }
  }

  private var window: (first: TrafficSample, last: TrafficSample, seconds: Double)? {
    guard let first = samples.first, let last = samples.last, samples.count > 1 else { return nil }
    let seconds = (last.at - first.at).seconds
    return seconds > 0 ? (first, last, seconds) : nil
  }

  private static func point(
    _ service: TrafficSample.Service, since earlier: TrafficSample.Service?, at time: WallTime
  ) -> HistoryPoint {
    let before = earlier ?? TrafficSample.Service()
    var latencies = service.latencies
    latencies.subtract(before.latencies)
    return HistoryPoint(
      at: time, requests: Int(clamping: service.requests &- before.requests),
      failures: Int(clamping: service.failures &- before.failures), inflight: service.inflight,
      p50: latencies.quantile(0.5), p99: latencies.quantile(0.99))
  }
}
