internal import AdminAPI
internal import Primitives

extension Table {
  static func services(_ services: [ServiceStatus]) -> Table {
    Table(
      columns: [
        Column("SERVICE"), Column("STATE"), Column("HEALTHY", right: true),
        Column("REPLICAS", right: true), Column("REQ/S", right: true, restless: true),
        Column("FAIL/S", right: true, restless: true),
        Column("IN FLIGHT", right: true, restless: true),
        Column("P50", right: true, restless: true), Column("P99", right: true, restless: true),
        Column("REQUESTS", wide: true, right: true, restless: true),
        Column("FAILURES", wide: true, right: true, restless: true),
        Column("RETRIES", wide: true, right: true, restless: true), Column("BALANCE", wide: true),
        Column("VERSION", wide: true),
      ],
      rows: services.map { service in
        Row(
          name: service.name,
          cells: [
            Cell(service.name), service.stateCell,
            Cell("\(service.healthy)/\(service.servers)"),
            Cell(service.replicas.map { "\($0.ready)/\($0.desired)" } ?? ""),
            Cell(HumanText.rate(service.requestsPerSecond)),
            Cell(
              HumanText.rate(service.failuresPerSecond),
              service.failuresPerSecond > 0 ? .bad : .plain),
            Cell("\(service.inflight)"),
            Cell(service.p50.map(HumanText.duration(seconds:)) ?? ""),
            Cell(service.p99.map(HumanText.duration(seconds:)) ?? ""),
            Cell("\(service.requests)"), Cell("\(service.failures)"), Cell("\(service.retries)"),
            Cell(service.balance), Cell(service.version ?? ""),
          ])
      })
  }

  static func servers(_ servers: [ServerStatus], now: WallTime) -> Table {
    let hasRoles = servers.contains { $0.role != nil }
    return Table(
      columns: [
        Column("SERVER"), Column("ADDRESS"), Column("STATE"), Column("HEALTH"),
        Column("ROLE", wide: !hasRoles),
        Column("WEIGHT", right: true), Column("TUNED", wide: true, right: true),
        Column("IN FLIGHT", right: true, restless: true),
        Column("REQ/S", right: true, restless: true),
        Column("REQUESTS", wide: true, right: true, restless: true),
        Column("FAILURES", wide: true, right: true, restless: true), Column("TIER", wide: true),
        Column("CHECKED", wide: true, restless: true), Column("LAST CHECK"),
      ],
      rows: servers.map { server in
        Row(
          name: "\(server.service)/\(server.name)", aliases: [server.name, server.service],
          cells: [
            Cell("\(server.service)/\(server.name)"), Cell(server.address), server.stateCell,
            server.healthCell, server.roleCell, Cell("\(server.weight)"),
            Cell(server.tuned.map { "\($0) %" } ?? ""),
            Cell("\(server.inflight)"),
            Cell(HumanText.rate(server.requestsPerSecond)), Cell("\(server.requests)"),
            Cell("\(server.failures)"), Cell(server.backup ? "backup" : "primary"),
            Cell(server.lastCheck.map { HumanText.age($0.at, now: now) + " ago" } ?? ""),
            Cell(server.lastCheck?.detail ?? "", server.lastCheck?.passed == false ? .bad : .plain),
          ])
      })
  }

  static func replicas(_ replicas: [ReplicaStatus], now: WallTime) -> Table {
    Table(
      columns: [
        Column("REPLICA"), Column("SERVICE"), Column("STATE"), Column("PID", right: true),
        Column("ADDRESS"), Column("RESTARTS", right: true),
        Column("UP", right: true, restless: true), Column("VERSION", wide: true),
        Column("LAST EXIT", wide: true),
      ],
      rows: replicas.map { replica in
        Row(
          name: replica.name, aliases: ["\(replica.service)/\(replica.name)", replica.service],
          cells: [
            Cell(replica.name), Cell(replica.service), replica.stateCell,
            Cell(replica.pid.map { "\($0)" } ?? ""), Cell(replica.address ?? ""),
            Cell("\(replica.restarts)", replica.restarts > 0 ? .warning : .plain),
            Cell(replica.startedAt.map { HumanText.age($0, now: now) } ?? ""),
            Cell(replica.version ?? ""), Cell(replica.lastExit ?? ""),
          ])
      })
  }
}

extension ServiceStatus {
  var stateCell: Table.Cell {
    switch state {
    case .up: Table.Cell("up", .good)
    case .degraded: Table.Cell("degraded", .warning)
    case .down: Table.Cell("down", .bad)
    case .asleep: Table.Cell("asleep")
    }
  }
}

extension ServerStatus {
  var stateCell: Table.Cell { Table.Cell(state, state == "ready" ? .plain : .warning) }

  var healthCell: Table.Cell {
    if ejected { return Table.Cell("\(health), ejected", .warning) }
    return switch health {
    case "healthy": Table.Cell(health, .good)
    case "unhealthy": Table.Cell(health, .bad)
    default: Table.Cell(health, .warning)
    }
  }
}

extension ServerStatus {
  /// Empty where all servers work.
  var roleCell: Table.Cell {
    switch role {
    case "active": Table.Cell("active", .good)
    case "promoting": Table.Cell("promoting", .warning)
    default: Table.Cell(role ?? "")
    }
  }
}

extension ReplicaStatus {
  var stateCell: Table.Cell {
    switch state {
    case "ready": Table.Cell(state, .good)
    case "crash-loop", "unready": Table.Cell(state, .bad)
    default: Table.Cell(state, .warning)
    }
  }
}
