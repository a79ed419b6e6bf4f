import Primitives
import Faults
import Telemetry
import Topology

/// What `/metrics` shows of each server.
extension MetricsPage {
  func addServers(to page: inout Exposition) {
    page.declareCounter("ballast_server_requests_total", help: "Tries sent to a server.")
    for report in reports {
      for server in report.servers where identities.servers.indices.contains(server.id.index) {
        let name = identities.servers[server.id.index]
        for code in server.codes {
          page.counter(
            "ballast_server_requests_total", help: "Tries sent to a server.",
            labels: ["service": name.service, "server": name.server, "code": "\(code.code)"],
            count: code.count)
        }
      }
    }
    addStates(to: &page)
    addLoads(to: &page)
    for check in checks {
      for (result, count) in [("passed", check.passed), ("failed", check.failed)] {
        page.counter(
          "ballast_checks_total", help: "Active checks, by result.",
          labels: [
            "service": check.server.service, "server": check.server.server, "result": result,
          ], count: count)
      }
    }
  }

  private func addStates(to page: inout Exposition) {
    gauge(
      "ballast_server_up", help: "1 for a server that is healthy and takes work.", to: &page
    ) { $0.health == .healthy && $0.takesNewWork ? 1 : 0 }
    gauge(
      "ballast_server_ejected",
      help: "1 while a worker leaves a server out after failures that it saw.", to: &page
    ) { sample.servers[$0.id.index]?.avoidedBy ?? 0 > 0 ? 1 : 0 }
    for (service, server) in servers {
      page.counter(
        "ballast_ejections_total",
        help: "How often workers began to leave a server out after failures.",
        labels: ["service": service.name, "server": server.name],
        count: sample.servers[server.id.index]?.ejections ?? 0)
    }
    for (service, server) in servers where standbyServices.contains(service.name) {
      page.gauge(
        "ballast_server_active",
        help: "1 for the active server of a service with one active server.",
        labels: ["service": service.name, "server": server.name], value: server.isStandby ? 0 : 1)
    }
  }

  private func addLoads(to page: inout Exposition) {
    gauge("ballast_server_inflight", help: "Requests under way at a server.", adds: true, to: &page)
    {
      Double(sample.servers[$0.id.index]?.inflight ?? 0)
    }
    gauge(
      "ballast_server_connections", help: "Open connections to a server.", adds: true, to: &page
    ) {
      Double(sample.servers[$0.id.index]?.connections ?? 0)
    }
    gauge(
      "ballast_server_weight",
      help: "The weight of a server after its slow start's part; 0 while it gets no requests.",
      to: &page
    ) { sample.servers[$0.id.index]?.weight ?? 0 }
    for (service, server) in servers where service.limits.isAdaptive {
      page.gauge(
        "ballast_concurrency_limit",
        help: "Requests that a server may have under way, as its latency allows.",
        labels: ["service": service.name, "server": server.name],
        value: Double(sample.servers[server.id.index]?.concurrencyLimit ?? 0))
    }
  }

  private func gauge(
    _ name: String, help: String, adds: Bool = false, to page: inout Exposition,
    _ value: (Server) -> Double
  ) {
    for (service, server) in servers {
      page.gauge(
        name, help: help, labels: ["service": service.name, "server": server.name],
        value: value(server), adds: adds)
    }
  }

  private var servers: [(Service, Server)] {
    snapshot.services.flatMap { service in service.servers.map { (service, $0) } }
  }
}
