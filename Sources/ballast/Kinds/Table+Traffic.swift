internal import AdminAPI

extension Table {
  static func routes(_ routes: [RouteStatus]) -> Table {
    Table(
      columns: [
        Column("ROUTE"), Column("LISTENERS"), Column("HOST"), Column("PATH"),
        Column("ALSO"), Column("PRIORITY", right: true), Column("SERVICE"),
      ],
      rows: routes.map { route in
        Row(
          name: route.name,
          cells: [
            Cell(route.name),
            Cell(route.listeners.isEmpty ? "all" : route.listeners.joined(separator: ",")),
            Cell(route.host ?? "any"), Cell(route.path ?? "any"),
            Cell(route.conditions?.joined(separator: "; ") ?? ""), Cell("\(route.priority)"),
            Cell(route.action ?? route.service ?? ""),
          ])
      })
  }

  static func listeners(_ listeners: [ListenerStatus]) -> Table {
    Table(
      columns: [
        Column("LISTENER"), Column("ADDRESS"), Column("PROTOCOL"),
        Column("CONNECTIONS", right: true, restless: true),
        Column("ACCEPTED", right: true, restless: true),
        Column("REQ/S", right: true, restless: true),
      ],
      rows: listeners.map { listener in
        Row(
          name: listener.name,
          cells: [
            Cell(listener.name), Cell(listener.address), Cell(listener.protocol),
            Cell("\(listener.connections)"), Cell("\(listener.connectionsTotal)"),
            Cell(HumanText.rate(listener.requestsPerSecond)),
          ])
      })
  }

  static func bans(_ bans: [BanStatus]) -> Table {
    Table(
      columns: [
        Column("ADDRESS"), Column("SOURCE"), Column("SINCE"), Column("UNTIL"), Column("REASON"),
      ],
      rows: bans.map { ban in
        Row(
          name: ban.address,
          cells: [
            Cell(ban.address), Cell(ban.source.rawValue),
            Cell(ban.since.map { HumanText.moment($0) } ?? ""),
            Cell(ban.until.map { HumanText.moment($0) } ?? ""), Cell(ban.reason ?? ""),
          ])
      })
  }
}
