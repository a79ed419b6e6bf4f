internal import AdminAPI
internal import Primitives

extension Table {
  static func sinks(_ sinks: [EventSinkStatus], now: WallTime) -> Table {
    Table(
      columns: [
        Column("SINK"), Column("KIND"), Column("STATE"), Column("SERVER"),
        Column("WAITING", right: true, restless: true),
        Column("BYTES", wide: true, right: true, restless: true),
        Column("DELIVERED", right: true, restless: true),
        Column("DROPPED", right: true, restless: true),
        Column("RETRIES", wide: true, right: true, restless: true),
        Column("LAST", wide: true, restless: true), Column("PROBLEM"),
      ],
      rows: sinks.map { sink in
        Row(
          name: sink.name,
          cells: [
            Cell(sink.name), Cell(sink.kind), sink.stateCell, Cell(sink.server),
            Cell("\(sink.waiting)"), Cell("\(sink.waitingBytes)"), Cell("\(sink.delivered)"),
            Cell("\(sink.dropped)", sink.dropped > 0 ? .bad : .plain), Cell("\(sink.retries)"),
            Cell(sink.lastDelivered.map { HumanText.age($0, now: now) + " ago" } ?? ""),
            Cell(sink.lastError ?? "", .bad),
          ])
      })
  }
}

extension EventSinkStatus {
  var stateCell: Table.Cell {
    switch state {
    case .connected: Table.Cell(state.rawValue, .good)
    case .idle: Table.Cell(state.rawValue)
    case .failing: Table.Cell(state.rawValue, .bad)
    }
  }
}
