internal import Primitives
internal import Simulation

extension JSONValue {
  /// What `simulate -o json` prints. Times are milliseconds, those since the beginning seconds.
  static func report(_ report: SimulationReport) -> JSONValue {
    .object([
      .init("scenario", .string(report.scenario)), .init("algorithm", .string(report.algorithm)),
      .init("seed", .number("\(report.seed)")),
      .init("durationSeconds", .figure(report.duration.seconds)),
      .init("requests", .count(report.requests)), .init("succeeded", .count(report.succeeded)),
      .init("failed", .count(report.failed)), .init("success", .figure(report.success)),
      .init("latency", .latency(report.latency)),
      .init("errors", .object(report.errors.map { .init($0.kind, .count($0.count)) })),
      .init("retries", .count(report.retries)), .init("hedges", .count(report.hedges)),
      .init("promotions", .count(report.promotions)),
      .init("amplification", .figure(report.amplification)),
      .init("fairness", .figure(report.fairness)), .init("ejections", .count(report.ejections)),
      .init("falseEjections", .count(report.falseEjections)),
      .init("falseAlarms", .count(report.falseAlarms)),
      .init("servers", .array(report.servers.map(server))),
      .init("faults", .array(report.faults.map(fault))),
      .init("scaling", .array(report.scaling.map(remap))),
      .init("seconds", .array(report.seconds.map(second))),
      .init("events", .count(report.events)),
    ])
  }

  static func comparison(_ comparison: Comparison) -> JSONValue {
    .object([
      .init(
        "recommendation",
        .object([
          .init("algorithm", .string(comparison.recommendation.algorithm)),
          .init("reason", .string(comparison.recommendation.reason)),
        ])), .init("reports", .array(comparison.reports.map(report))),
    ])
  }

  private static func latency(_ latency: LatencyFigures) -> JSONValue {
    .object([
      .init("meanMilliseconds", .milliseconds(latency.mean)),
      .init("p50Milliseconds", .milliseconds(latency.p50)),
      .init("p90Milliseconds", .milliseconds(latency.p90)),
      .init("p99Milliseconds", .milliseconds(latency.p99)),
      .init("p999Milliseconds", .milliseconds(latency.p999)),
      .init("maxMilliseconds", .milliseconds(latency.most)),
    ])
  }

  private static func server(_ server: ServerFigures) -> JSONValue {
    .object([
      .init("name", .string(server.name)), .init("weight", .count(server.weight)),
      .init("requests", .count(server.requests)), .init("share", .figure(server.share)),
      .init("ofFairShare", .figure(server.ofFairShare)),
      .init("failures", .count(server.failures)), .init("ejections", .count(server.ejections)),
      .init("meanMilliseconds", .milliseconds(server.mean)),
      .init("p99Milliseconds", .milliseconds(server.p99)),
      .init("maxInflight", .count(server.mostInflight)),
    ])
  }

  private static func fault(_ fault: FaultFigures) -> JSONValue {
    .object([
      .init("kind", .string(fault.kind)),
      .init("servers", .array(fault.servers.map { .string($0) })),
      .init("atSeconds", .figure(fault.at.seconds)),
      .init("detectedAfterMilliseconds", fault.detected.map(milliseconds) ?? .null),
      .init("lastRequestAfterMilliseconds", fault.lastRequest.map(milliseconds) ?? .null),
      .init("requests", .count(fault.requests)), .init("failedTries", .count(fault.failedTries)),
      .init("failedRequests", .count(fault.failedRequests)),
    ])
  }

  private static func remap(_ remap: RemapFigures) -> JSONValue {
    .object([
      .init("atSeconds", .figure(remap.at.seconds)), .init("clients", .count(remap.clients)),
      .init("moved", .count(remap.moved)), .init("hadToMove", .count(remap.hadToMove)),
    ])
  }

  private static func second(_ second: SecondFigures) -> JSONValue {
    .object([
      .init("arrived", .count(second.arrived)), .init("succeeded", .count(second.succeeded)),
      .init("failed", .count(second.failed)), .init("retries", .count(second.retries)),
      .init("p50Milliseconds", .milliseconds(second.p50)),
      .init("p99Milliseconds", .milliseconds(second.p99)),
    ])
  }

  static func count(_ value: Int) -> JSONValue { .number("\(value)") }

  private static func milliseconds(_ span: TimeSpan) -> JSONValue {
    figure(Double(span.nanoseconds) / 1e6)
  }

  /// With six digits behind the point at most.
  static func figure(_ value: Double) -> JSONValue {
    guard value.isFinite, abs(value) < 1e12 else { return .null }
    let rounded = (value * 1e6).rounded() / 1e6
    return .number(
      rounded == rounded.rounded() ? "\(Int(rounded))" : Self.plain(rounded))
  }

  /// Never with an exponent, which `description` has for the small.
  private static func plain(_ value: Double) -> String {
    let text = "\(value)"
    guard text.contains("e") else { return text }
    let millionths = Int((abs(value) * 1e6).rounded())
    let digits = "\(millionths)"
    return (value < 0 ? "-0." : "0.") + String(repeating: "0", count: 6 - digits.count) + digits
  }
}
