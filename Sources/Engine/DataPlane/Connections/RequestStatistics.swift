import Primitives
import Telemetry
import Topology
import Wire

/// Counts of finished requests by listener, route, service and method. A configuration bounds all of
/// them, and the limit here what many configurations in turn would make of them.
struct RequestStatistics {
  /// Series by name, a third of a kilobyte each; requests of those that come later are counted
  /// together, by their method alone.
  static let seriesLimit = 20_000

  private(set) var series: [WorkerReport.RequestSeries] = []
  var exemplars = RequestExemplars()
  private var codes: [CodeCounts] = []
  private var indices: [UInt64: Int] = [:]
  private var named = 0
  /// By `Method.rawValue`; -1 before the first of a method.
  private var folded = [Int](repeating: -1, count: Int(UInt8.max) + 1)
  private var lastKey = UInt64.max
  private var lastIndex = 0

  /// - Returns: where an example of the latency is wanted.
  mutating func count(
    listener: ListenerID, route: RouteID?, service: ServiceID?, method: Wire.Method, code: Int,
    duration: TimeSpan, now: Instant
  ) -> Int? {
    let index = index(listener: listener, route: route, service: service, method: method)
    series[index].durations.record(duration)
    codes[index].count(code)
    return exemplars.wanted(index, duration, now: now)
  }

  mutating func countRateLimited(
    listener: ListenerID, route: RouteID?, service: ServiceID?, method: Wire.Method
  ) {
    let index = index(listener: listener, route: route, service: service, method: method)
    series[index].rateLimited &+= 1
  }

  func report() -> [WorkerReport.RequestSeries] {
    zip(series, codes).map { series, codes in
      var series = series
      series.codes = codes.counts
      return series
    }
  }

  /// With the examples, which only a scraper asks for.
  func report(now: Instant, wallTime: WallTime) -> [WorkerReport.RequestSeries] {
    var all = report()
    for index in all.indices {
      all[index].exemplars = exemplars.all(of: index, now: now, wallTime: wallTime)
    }
    return all
  }

  private mutating func index(
    listener: ListenerID, route: RouteID?, service: ServiceID?, method: Wire.Method
  ) -> Int {
    // Numbers are dense, and a configuration has 10,000 names of a kind at most.
    let place = UInt64(truncatingIfNeeded: listener.index) << 46
    let path = UInt64(truncatingIfNeeded: route.map { $0.index + 1 } ?? 0) << 25
    let target = UInt64(truncatingIfNeeded: service.map { $0.index + 1 } ?? 0) << 4
    let key = place ^ path ^ target ^ UInt64(method.rawValue)
    if key == lastKey { return lastIndex }
    lastKey = key
    if let known = indices[key] {
      lastIndex = known
      return known
    }
    guard named < Self.seriesLimit else {
      lastIndex = foldedIndex(listener, method)
      return lastIndex
    }
    named += 1
    lastIndex = append(
      .init(
        listener: listener, route: route, service: service, method: method,
        durations: LatencyHistogram(), codes: []))
    indices[key] = lastIndex
    return lastIndex
  }

  /// Of all listeners, routes and services.
  private mutating func foldedIndex(_ listener: ListenerID, _ method: Wire.Method) -> Int {
    let place = Int(method.rawValue)
    if folded[place] < 0 {
      folded[place] = append(
        .init(
          listener: listener, route: nil, service: nil, method: method,
          durations: LatencyHistogram(), codes: [], isFolded: true))
    }
    return folded[place]
  }

  private mutating func append(_ new: WorkerReport.RequestSeries) -> Int {
    series.append(new)
    codes.append(CodeCounts())
    exemplars.begin(series.count - 1)
    return series.count - 1
  }
}
