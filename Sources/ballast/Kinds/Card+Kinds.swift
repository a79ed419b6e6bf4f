internal import AdminAPI
internal import Faults
internal import Primitives

extension Card {
  static func service(_ detail: ServiceDetail, now: WallTime) -> Card {
    let service = detail.service
    var card = Card()
    card.add("Service", text: service.name)
    card.add("State", service.stateCell)
    card.add("Balance", text: service.balance)
    card.add("Chosen because", text: service.balanceReason)
    card.add("Version", text: service.version)
    card.add("Healthy", text: "\(service.healthy) of \(service.servers) servers")
    if let counts = service.replicas {
      card.add(
        "Replicas", text: "\(counts.ready) ready, \(counts.running) running of \(counts.desired)")
    }
    card.add(
      "Load",
      text: "\(HumanText.rate(service.requestsPerSecond)) requests/s, \(service.inflight) in flight"
    )
    card.add(
      "Failing",
      Table.Cell(
        "\(HumanText.rate(service.failuresPerSecond)) a second",
        service.failuresPerSecond > 0 ? .bad : .plain))
    if let p50 = service.p50, let p99 = service.p99 {
      let (half, most) = (HumanText.duration(seconds: p50), HumanText.duration(seconds: p99))
      card.add("Latency", text: "p50 \(half), p99 \(most)")
    }
    card.add(
      "Since start",
      text: "\(service.requests) requests, \(service.failures) failures, \(service.retries) retries"
    )
    if let scale = detail.scale { card.add(scale, now: now) }
    if let tune = detail.tune { card.add("Tuning", text: tune.line) }
    card.add(section: "Servers", .servers(detail.servers, now: now))
    card.add(section: "Replicas", .replicas(detail.replicas, now: now))
    card.add(section: "Routes", .routes(detail.routes))
    if let scale = detail.scale {
      card.add(section: "Scaling", .scaleDecisions(scale.decisions, now: now))
    }
    card.add(section: "Faults", .faults(detail.faults, now: now))
    card.add(section: "Recent events", .events(detail.events))
    return card
  }

  static func server(_ server: ServerStatus, now: WallTime) -> Card {
    var card = Card()
    card.add("Server", text: "\(server.service)/\(server.name)")
    card.add("Address", text: server.address)
    card.add("State", server.stateCell)
    card.add("Health", server.healthCell)
    if server.role != nil { card.add("Role", server.roleCell) }
    card.add(
      "Weight", text: "\(server.weight)" + (server.tuned.map { ", tuned to \($0) % of it" } ?? ""))
    card.add("Tier", text: server.backup ? "backup" : "primary")
    card.add(
      "Load",
      text: "\(HumanText.rate(server.requestsPerSecond)) requests/s, \(server.inflight) in flight")
    card.add("Since start", text: "\(server.requests) requests, \(server.failures) failures")
    if let check = server.lastCheck {
      let took = HumanText.duration(seconds: check.duration)
      let age = HumanText.age(check.at, now: now)
      card.add(
        "Last check",
        Table.Cell("\(check.detail), took \(took), \(age) ago", check.passed ? .good : .bad))
    }
    return card
  }

  static func route(_ route: RouteStatus) -> Card {
    var card = Card()
    card.add("Route", text: route.name)
    card.add(
      "Listeners", text: route.listeners.isEmpty ? "all" : route.listeners.joined(separator: ", "))
    card.add("Host", text: route.host ?? "any")
    card.add("Path", text: route.path ?? "any")
    for condition in route.conditions ?? [] { card.add("Also", text: condition) }
    card.add("Priority", text: "\(route.priority)")
    if let service = route.service {
      card.add("Service", text: service)
    } else {
      card.add("Action", text: route.action ?? "")
    }
    if let rewrite = route.rewrite { card.add("Rewrite", text: rewrite) }
    for edit in route.requestHeaders ?? [] { card.add("Request", text: edit) }
    for edit in route.responseHeaders ?? [] { card.add("Answer", text: edit) }
    return card
  }

  static func listener(_ listener: ListenerStatus) -> Card {
    var card = Card()
    card.add("Listener", text: listener.name)
    card.add("Address", text: listener.address)
    card.add("Protocol", text: listener.protocol)
    card.add(
      "Connections", text: "\(listener.connections) open, \(listener.connectionsTotal) accepted")
    card.add("Load", text: "\(HumanText.rate(listener.requestsPerSecond)) requests/s")
    return card
  }

  static func replica(_ replica: ReplicaStatus, now: WallTime) -> Card {
    var card = Card()
    card.add("Replica", text: replica.name)
    card.add("Service", text: replica.service)
    card.add("State", replica.stateCell)
    card.add("Version", text: replica.version)
    card.add("Process", text: replica.pid.map { "\($0)" })
    card.add("Container", text: replica.container)
    card.add("Address", text: replica.address)
    card.add("Up", text: replica.startedAt.map { HumanText.age($0, now: now) })
    card.add("Restarts", text: "\(replica.restarts)")
    card.add("Last exit", text: replica.lastExit)
    return card
  }

  static func fault(_ fault: FaultRecord, now: WallTime) -> Card {
    var card = Card()
    card.add("Fault", text: "\(fault.id)")
    card.add("Type", text: fault.type.rawValue)
    card.add("Where", text: fault.place)
    if let parent = fault.parent { card.add("Part of", text: "fault \(parent)") }
    card.add("Cause", text: fault.cause)
    card.add("Inferred cause", text: fault.inferredCause)
    card.add("Began", text: HumanText.moment(fault.began))
    let delay = HumanText.duration(seconds: (fault.detected - fault.began).seconds)
    card.add("Detected", text: "\(HumanText.moment(fault.detected)), after \(delay)")
    let lasted = HumanText.duration(seconds: fault.lasted(now: now))
    if let acknowledged = fault.acknowledged {
      let person = fault.acknowledgedBy.map { ", by \($0)" } ?? ""
      card.add("Acknowledged", text: "\(HumanText.moment(acknowledged))\(person)")
    }
    if let returns = fault.returns {
      card.add("Came back", text: returns == 1 ? "once" : "\(returns) times")
    }
    if let resolved = fault.resolved {
      let person = fault.resolvedBy.map { ", by \($0)" } ?? ""
      card.add(
        "Resolved", Table.Cell("\(HumanText.moment(resolved)), after \(lasted)\(person)", .good))
    } else if let recovered = fault.recovered {
      card.add(
        "Resolved",
        Table.Cell("not yet, the cause is gone since \(HumanText.moment(recovered))", .warning))
    } else {
      card.add("Resolved", Table.Cell("not yet, \(lasted) so far", .bad))
    }
    let times = fault.actionTimes ?? []
    for (index, action) in fault.actions.enumerated() {
      let time = times.indices.contains(index) ? "\(HumanText.moment(times[index]))  " : ""
      card.add(index == 0 ? "Actions" : "", text: time + action)
    }
    if let beneath = fault.beneath, !beneath.isEmpty {
      card.add(section: "Beneath it", .faults(beneath, now: now))
    }
    return card
  }
}
