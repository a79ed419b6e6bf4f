import Primitives
import Telemetry
import Topology
import Wire

/// What `/metrics` shows of each service.
extension MetricsPage {
  func addServices(to page: inout Exposition) {
    // A family at a time, so that each is in one piece.
    for (service, counters) in serviceCounters {
      let reasons = [
        ("connect-failure", counters.retriesAfterConnectFailure),
        ("reset", counters.retriesAfterReset), ("timeout", counters.retriesAfterTimeout),
        ("gateway-error", counters.retriesAfterGatewayError),
        ("refused-stream", counters.retriesAfterRefusal),
        ("grpc-status", counters.retriesAfterGRPCStatus), ("hedge", counters.hedges),
      ]
      for (reason, count) in reasons {
        page.counter(
          "ballast_retries_total", help: "Tries after the first, by what made them.",
          labels: ["service": service, "reason": reason], count: count)
      }
    }
    for (service, counters) in serviceCounters {
      for (result, count) in [("won", counters.hedgesWon), ("lost", counters.hedgesLost)] {
        page.counter(
          "ballast_hedges_total",
          help: "Second tries beside slow first ones that ended, by result.",
          labels: ["service": service, "result": result], count: count)
      }
    }
    for (service, counters) in serviceCounters {
      page.counter(
        "ballast_retry_budget_exhausted_total",
        help: "Tries after the first that were not made, since the budget was used up.",
        labels: ["service": service], count: counters.budgetRefusals)
    }
    for (service, counters) in serviceCounters {
      let reasons = [
        ("queue-full", counters.shedQueueFull), ("overload", counters.shedOverload),
        ("queue-timeout", counters.shedQueueTimeout),
      ]
      for (reason, count) in reasons {
        page.counter(
          "ballast_shed_total", help: "Requests answered 503 for want of room, by reason.",
          labels: ["service": service, "reason": reason], count: count)
      }
    }
    addCalls(to: &page)
    addMirrors(to: &page)
    addQueues(to: &page)
    addReplicas(to: &page)
  }

  /// Services that were never called by gRPC have none.
  private func addCalls(to page: inout Exposition) {
    for (service, counters) in serviceCounters {
      for (status, count) in zip(GRPCStatus.allCases, counters.calls) {
        page.counter(
          "ballast_grpc_requests_total", help: "Calls of gRPC that ended, by their status.",
          labels: ["service": service, "code": "\(status.name)"], count: count)
      }
    }
  }

  /// Of services that some route mirrors to.
  private func addMirrors(to page: inout Exposition) {
    let mirrored = Set(
      snapshot.routes.compactMap { $0.mirror.map { snapshot.services[$0.service].id } })
    for counters in reports.flatMap(\.services) where mirrored.contains(counters.id) {
      guard identities.services.indices.contains(counters.id.index) else { continue }
      let results = [
        ("answered", counters.mirror.answered), ("failed", counters.mirror.failed),
        ("dropped", counters.mirror.dropped), ("too-large", counters.mirror.tooLarge),
      ]
      for (result, count) in results {
        page.counter(
          "ballast_mirrored_total",
          help: "Copies of requests for a service, by what became of them.",
          labels: ["service": identities.services[counters.id.index], "result": result],
          count: count)
      }
    }
  }

  private func addQueues(to page: inout Exposition) {
    // The second name is the one of version 0.1.
    for name in ["ballast_queue_length", "ballast_service_queued"] {
      for service in snapshot.services {
        page.gauge(
          name, help: "Requests that wait for a server with room.",
          labels: ["service": service.name],
          value: Double(sample.services[service.id.index]?.queued ?? 0), adds: true)
      }
    }
    for service in snapshot.services {
      page.gauge(
        "ballast_tunnels", help: "Connections that switched to another protocol and are open.",
        labels: ["service": service.name],
        value: Double(sample.services[service.id.index]?.tunnels ?? 0), adds: true)
    }
    for service in snapshot.services {
      switch service.stickiness {
      case .learned, .source:
        page.gauge(
          "ballast_sessions", help: "Clients that the table binds to a server.",
          labels: ["service": service.name],
          value: Double(sample.services[service.id.index]?.sessions ?? 0), adds: true)
      case .inserted, nil: break
      }
    }
  }

  private func addReplicas(to page: inout Exposition) {
    let own = Dictionary(grouping: replicas, by: \.service)
    for service in snapshot.services {
      guard let states = own[service.name]?.map(\.state) else { continue }
      for state in Self.replicaStates {
        page.gauge(
          "ballast_replicas", help: "Replicas of a service, by state.",
          labels: ["service": service.name, "state": state],
          value: Double(states.count { $0 == state }), adds: true)
      }
    }
  }

  private var serviceCounters: [(String, WorkerReport.ServiceCounters)] {
    reports.flatMap(\.services).compactMap { counters in
      guard identities.services.indices.contains(counters.id.index) else { return nil }
      return (identities.services[counters.id.index], counters)
    }
  }
}
