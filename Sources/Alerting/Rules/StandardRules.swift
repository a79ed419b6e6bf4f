import Primitives

/// The rules that hold without being written.
public enum StandardRules {
  public static let all: [AlertRule] = [
    AlertRule(
      name: "service-down", .fault(types: ["service-down", "failover"]), severity: .critical),
    AlertRule(name: "machine-down", .fault(types: ["machine-down"]), severity: .critical),
    AlertRule(
      name: "no-healthy-server", .healthyServers(below: 1), wait: .seconds(30),
      severity: .critical),
    AlertRule(
      name: "server-down", .fault(types: ["server-unhealthy", "replica-exited"]),
      wait: .seconds(10), severity: .warning),
    AlertRule(
      name: "service-degraded", .fault(types: ["service-degraded"]), wait: .seconds(10),
      severity: .warning),
    AlertRule(
      name: "deployment-failed", .fault(types: ["deployment-failed"]), severity: .warning),
    AlertRule(name: "backup-failed", .fault(types: ["backup-failed"]), severity: .warning),
    AlertRule(name: "crash-loop", .fault(types: ["crash-loop"]), severity: .critical),
    AlertRule(
      name: "ballast", .fault(types: ["engine-crashed", "store-damaged"]), severity: .critical),
    AlertRule(
      name: "error-rate", .errorRate(above: 0.05, window: .minutes(1), requests: 20),
      wait: .minutes(1), keepFiring: .minutes(1), severity: .critical),
    AlertRule(
      name: "saturation", .saturation(above: 0.9), wait: .minutes(5), keepFiring: .minutes(1),
      severity: .warning),
    AlertRule(
      name: "restarts", .restarts(above: 5, within: .minutes(10)), severity: .warning),
    AlertRule(name: "certificate-expires", .certificate(within: .hours(14 * 24))),
    AlertRule(
      name: "certificate-expires-soon", .certificate(within: .hours(3 * 24)),
      severity: .critical),
  ]
}
