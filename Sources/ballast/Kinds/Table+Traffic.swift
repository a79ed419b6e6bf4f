internal import AdminAPI

extension Table {
  static func routes(_ routes: [RouteStatus]) -> Table {
    Table(
      columns: [
        Column("ROUTE"), Column("LISTENERS"), Column("HOST"), Column("PATH"),
        Column("PRIORITY", right: true), Column("SERVICE"),
      ],
      rows: routes.map { route in
        Row(
          name: route.name,
          cells: [
            Cell(route.name),
            Cell(route.listeners.isEmpty ? "all" : route.listeners.joined(separator: ",")),
            Cell(route.host ?? "any"), Cell(route.path ?? "any"), Cell("\(route.priority)"),
            Cell(route.service),
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
}
