import Primitives
import Telemetry
import Topology

extension Simulator {
  func report() -> SimulationReport {
    let counts = recorder
    var report = SimulationReport()
    report.scenario = scenario.name
    report.algorithm = scenario.service.algorithm.displayName
    report.seed = scenario.seed
    report.duration = scenario.duration
    report.requests = counts.requests
    report.succeeded = counts.succeeded
    report.failed = counts.failed
    report.latency = LatencyFigures(counts.latencies, sum: counts.latencySum, most: counts.longest)
    report.errors = counts.errors
      .map { ErrorCount(kind: $0.key, count: $0.value) }
      .sorted { ($1.count, $0.kind) < ($0.count, $1.kind) }
    report.retries = counts.retries
    report.hedges = counts.hedges
    report.promotions = counts.promotions
    report.amplification =
      counts.requests > 0
      ? 1 + Double(counts.retries + counts.hedges) / Double(counts.requests) : 1
    report.fairness = fairness(
      of: counts.servers.filter { $0.isSteady && $0.weight > 0 }
        .map { Double($0.tries) / Double($0.weight) })
    report.ejections = counts.ejections
    report.falseEjections = counts.falseEjections
    report.falseAlarms = counts.falseAlarms
    report.servers = serverFigures(counts)
    report.faults = zip(scenario.faults, counts.faults).map(FaultFigures.init)
    report.scaling = zip(scenario.scaling, counts.scaling).map { step, remap in
      RemapFigures(
        at: step.at, clients: remap.known, moved: remap.moved, hadToMove: remap.hadToMove)
    }
    report.seconds = counts.seconds.map { second in
      SecondFigures(
        arrived: second.arrived, succeeded: second.succeeded, failed: second.failed,
        retries: second.retries, p50: second.latencies.span(0.5), p99: second.latencies.span(0.99))
    }
    report.events = counts.events
    return report
  }

  private func serverFigures(_ counts: Recorder) -> [ServerFigures] {
    let weights = counts.servers.filter(\.isSteady).reduce(0) { $0 + $1.weight }
    return counts.servers.map { server in
      let share = counts.tries > 0 ? Double(server.tries) / Double(counts.tries) : 0
      let fair = weights > 0 ? Double(server.weight) / Double(weights) : 0
      return ServerFigures(
        name: server.name, weight: server.weight, requests: server.tries, share: share,
        ofFairShare: fair > 0 ? share / fair : 0, failures: server.failures,
        ejections: server.ejections,
        mean: server.succeeded > 0
          ? server.latencySum.scaled(by: 1 / Double(server.succeeded)) : .zero,
        p99: server.latencies.span(0.99), mostInflight: server.most)
    }
  }
}

extension LatencyFigures {
  init(_ sketch: LatencySketch, sum: TimeSpan, most: TimeSpan) {
    self.init()
    let count = sketch.count
    mean = count > 0 ? sum.scaled(by: 1 / Double(count)) : .zero
    p50 = sketch.span(0.5)
    p90 = sketch.span(0.9)
    p99 = sketch.span(0.99)
    p999 = sketch.span(0.999)
    self.most = most
  }
}

extension FaultFigures {
  init(_ fault: Fault, _ counts: FaultCounts) {
    let began = counts.began ?? fault.at
    self.init(
      kind: fault.kind.name, servers: fault.servers, at: fault.at,
      detected: counts.detected.map { $0 - began },
      lastRequest: counts.lastTry.map { $0 - began }, requests: counts.tries,
      failedTries: counts.failedTries, failedRequests: counts.failedRequests)
  }
}

extension LatencySketch {
  /// Zero when empty.
  func span(_ q: Double) -> TimeSpan {
    quantile(q).map { TimeSpan.seconds(1).scaled(by: $0) } ?? .zero
  }
}
