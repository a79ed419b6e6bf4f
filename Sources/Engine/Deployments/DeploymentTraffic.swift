import Deployment
import Primitives
import Telemetry

/// What both revisions of a deployment did since a step began, as the balancer saw it.
struct DeploymentTraffic: Sendable {
  private struct Counts: Sendable {
    var requests: UInt64 = 0
    var failures: UInt64 = 0
  }

  private var new = Counts()
  private var old = Counts()
  /// Of each server at the last look; its group may be another one by the next.
  private var seen: [Int: Counts] = [:]
  /// Of the service and of its new servers, when it began.
  private var before: (all: LatencySketch, new: LatencySketch)?

  /// Adds what came since the last look.
  /// - Parameters:
  ///   - servers: the places of the service's servers, and whether each is a new one.
  ///   - limit: requests that a server may have under way; 0 for none.
  mutating func add(
    _ sample: TrafficSample, service: Int, servers: [(index: Int, isNew: Bool)], limit: Int
  ) -> GateSample {
    var fullness: (new: Double?, old: Double?)
    for (index, isNew) in servers {
      let now = sample.servers[index] ?? TrafficSample.Server()
      count(now, of: index, isNew: isNew)
      let most = now.concurrencyLimit > 0 ? now.concurrencyLimit : limit
      guard most > 0 else { continue }
      let share = Double(now.inflight) / Double(most)
      if isNew {
        fullness.new = max(fullness.new ?? 0, share)
      } else {
        fullness.old = max(fullness.old ?? 0, share)
      }
    }
    let traffic = sample.services[service] ?? TrafficSample.Service()
    let start = before ?? (traffic.latencies, traffic.newLatencies)
    before = start
    var fresh = traffic.newLatencies
    fresh.subtract(start.new)
    var former = traffic.latencies
    former.subtract(start.all)
    former.subtract(fresh)
    return GateSample(
      new: Self.group(new, fresh, fullness.new), old: Self.group(old, former, fullness.old))
  }

  private mutating func count(_ now: TrafficSample.Server, of index: Int, isNew: Bool) {
    defer { seen[index] = Counts(requests: now.requests, failures: now.failures) }
    guard let last = seen[index] else { return }
    let requests = now.requests &- last.requests
    let failures = now.failures &- last.failures
    if isNew {
      new.requests &+= requests
      new.failures &+= failures
    } else {
      old.requests &+= requests
      old.failures &+= failures
    }
  }

  private static func group(
    _ counts: Counts, _ latencies: LatencySketch, _ saturation: Double?
  ) -> GroupTraffic {
    func span(_ q: Double) -> TimeSpan? {
      latencies.quantile(q).map { .microseconds(Int64(($0 * 1e6).rounded())) }
    }
    return GroupTraffic(
      requests: Int(clamping: counts.requests),
      failures: Int(clamping: min(counts.failures, counts.requests)), p50: span(0.5),
      p99: span(0.99), saturation: saturation)
  }
}
