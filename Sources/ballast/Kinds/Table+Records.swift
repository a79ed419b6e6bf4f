internal import Faults
internal import Primitives

extension Table {
  static func faults(_ faults: [FaultRecord], now: WallTime) -> Table {
    Table(
      columns: [
        Column("ID", right: true), Column("BEGAN"), Column("TYPE"), Column("WHERE"),
        Column("LASTED", right: true, restless: true), Column("STATE"),
        Column("ACTIONS", wide: true), Column("CAUSE"),
      ],
      rows: faults.map { fault in
        Row(
          name: "\(fault.id)",
          cells: [
            Cell("\(fault.id)"), Cell(HumanText.moment(fault.began)), Cell(fault.type.rawValue),
            Cell(fault.place), Cell(HumanText.duration(seconds: fault.lasted(now: now))),
            fault.resolved == nil ? Cell("open", .bad) : Cell("resolved", .good),
            Cell(fault.actions.joined(separator: "; ")), Cell(fault.cause),
          ])
      })
  }

  static func summaries(_ summaries: [FaultSummary]) -> Table {
    Table(
      columns: [
        Column("SERVICE"), Column("FAULTS", right: true), Column("OPEN", right: true),
        Column("MTBF", right: true), Column("MTTR", right: true),
        Column("AVAILABILITY", right: true),
      ],
      rows: summaries.map { summary in
        Row(
          name: summary.service,
          cells: [
            Cell(summary.service.isEmpty ? "(ballast)" : summary.service),
            Cell("\(summary.faults)"), Cell("\(summary.open)", summary.open > 0 ? .bad : .plain),
            Cell(summary.mtbf.map(HumanText.duration(seconds:)) ?? ""),
            Cell(summary.mttr.map(HumanText.duration(seconds:)) ?? ""),
            Cell(HumanText.share(summary.availability)),
          ])
      })
  }

  static func events(_ events: [EventRecord]) -> Table {
    Table(
      columns: [
        Column("ID", wide: true, right: true), Column("TIME"), Column("SEVERITY"),
        Column("TYPE"), Column("WHERE"), Column("EVENT"),
      ],
      rows: events.map { event in
        Row(
          name: "\(event.id)",
          cells: [
            Cell("\(event.id)"), Cell(HumanText.moment(event.at)), event.severityCell,
            Cell(event.type), Cell(event.place), Cell(event.message),
          ])
      })
  }
}

extension FaultRecord {
  var place: String {
    guard !service.isEmpty else { return "(ballast)" }
    return service + (server.map { "/\($0)" } ?? "")
  }

  /// Seconds; of an open fault, until now.
  func lasted(now: WallTime) -> Double { duration ?? max(0, (now - began).seconds) }
}

extension EventRecord {
  var place: String {
    [service, server].compactMap { $0 }.filter { !$0.isEmpty }.joined(separator: "/")
  }

  var severityCell: Table.Cell {
    switch severity {
    case .info: Table.Cell("info", .faint)
    case .warning: Table.Cell("warning", .warning)
    case .error: Table.Cell("error", .bad)
    }
  }
}
