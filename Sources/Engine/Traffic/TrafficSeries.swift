import Primitives
import Telemetry

/// What services and servers did, in steps of some seconds of the wall clock: a point each step, all
/// of the same moments, so that a chart can lay them over each other.
struct TrafficSeries: Sendable {
  struct Point: Sendable, Equatable {
    /// A second.
    var requests: Float
    var failures: Float
    /// Seconds; nil without good answers.
    var p50: Float?
    var p99: Float?
  }

  /// Seconds.
  let step: Int64
  /// Points that are kept of one.
  let serviceLimit: Int
  let serverLimit: Int
  /// Where each step begins, in seconds since 1970, oldest first.
  private(set) var times: [Int64] = []
  /// By number; a list that is shorter than `times` began later: they end together.
  private var services: [Int: [Point]] = [:]
  private var servers: [Int: [Point]] = [:]
  /// The first sample of the step that has not ended.
  private var begin: (sample: TrafficSample, slot: Int64)?

  init(step: Int64, services: Int, servers: Int) {
    self.step = step
    serviceLimit = services
    serverLimit = servers
  }

  /// A step ends with the first sample after it. A clock that was set back begins anew from there.
  mutating func add(_ sample: TrafficSample, at time: WallTime) {
    let slot = time.milliseconds / 1_000 / step
    guard let (first, began) = begin else {
      begin = (sample, slot)
      return
    }
    guard slot != began else { return }
    begin = (sample, slot)
    let seconds = (sample.at - first.at).seconds
    guard slot > began, seconds > 0 else { return }
    times.append(began * step)
    if times.count > serviceLimit { times.removeFirst(times.count - serviceLimit) }
    // What is gone from the sample is gone from here.
    services = sample.services.reduce(into: [:]) { kept, entry in
      let before = first.services[entry.key] ?? TrafficSample.Service()
      kept[entry.key] = Self.appended(
        services[entry.key], Self.point(entry.value, since: before, seconds), serviceLimit)
    }
    servers = sample.servers.reduce(into: [:]) { kept, entry in
      let before = first.servers[entry.key] ?? TrafficSample.Server()
      kept[entry.key] = Self.appended(
        servers[entry.key], Self.point(entry.value, since: before, seconds), serverLimit)
    }
  }

  /// Oldest first; the last is of the last of `times`.
  func points(ofService index: Int) -> [Point] { services[index] ?? [] }
  func points(ofServer index: Int) -> [Point] { servers[index] ?? [] }

  private static func appended(_ points: [Point]?, _ point: Point, _ limit: Int) -> [Point] {
    var points = points ?? []
    if points.count >= limit { points.removeFirst(points.count - limit + 1) }
    points.append(point)
    return points
  }

  private static func point(
    _ service: TrafficSample.Service, since before: TrafficSample.Service, _ seconds: Double
  ) -> Point {
    var latencies = service.latencies
    latencies.subtract(before.latencies)
    return Point(
      requests: Float(Double(service.requests &- before.requests) / seconds),
      failures: Float(Double(service.failures &- before.failures) / seconds),
      p50: latencies.quantile(0.5).map { Float($0) },
      p99: latencies.quantile(0.99).map { Float($0) })
  }

  private static func point(
    _ server: TrafficSample.Server, since before: TrafficSample.Server, _ seconds: Double
  ) -> Point {
    let requests = server.requests &- before.requests
    var point = Point(
      requests: Float(Double(requests) / seconds),
      failures: Float(Double(server.failures &- before.failures) / seconds))
    // Most servers rest most of the time.
    guard server.answers != before.answers else { return point }
    var latencies = server.latencies
    latencies.subtract(before.latencies)
    point.p50 = latencies.quantile(0.5).map { Float($0) }
    point.p99 = latencies.quantile(0.99).map { Float($0) }
    return point
  }
}
