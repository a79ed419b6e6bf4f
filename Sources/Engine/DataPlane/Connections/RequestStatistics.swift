import Primitives
import Telemetry
import Topology
import Wire

/// Counts of finished requests by listener, route, service and method. All of them are bounded, so
/// the number of series is.
struct RequestStatistics {
  private(set) var series: [WorkerReport.RequestSeries] = []
  private var codes: [CodeCounts] = []
  private var indices: [UInt64: Int] = [:]
  private var lastKey = UInt64.max
  private var lastIndex = 0

  mutating func count(
    listener: ListenerID, route: RouteID?, service: ServiceID?, method: Wire.Method, code: Int,
    duration: TimeSpan
  ) {
    let index = index(listener: listener, route: route, service: service, method: method)
    series[index].durations.record(duration)
    codes[index].count(code)
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
    lastIndex = series.count
    indices[key] = lastIndex
    series.append(
      .init(
        listener: listener, route: route, service: service, method: method,
        durations: LatencyHistogram(), codes: []))
    codes.append(CodeCounts())
    return lastIndex
  }
}
