internal import Faults
internal import Primitives

extension Table {
  static func faults(_ faults: [FaultRecord], now: WallTime) -> Table {
    Table(
      columns: [
        Column("ID", right: true), Column("BEGAN"), Column("TYPE"), Column("WHERE"),
        Column("LASTED", right: true, restless: true), Column("STATE"),
        Column("BENEATH", right: true),
        Column("ACTIONS", wide: true), Column("CAUSE"),
      ],
      rows: faults.map { fault in
        Row(
          name: "\(fault.id)",
          cells: [
            Cell("\(fault.id)"), Cell(HumanText.moment(fault.began)), Cell(fault.type.rawValue),
            Cell(fault.place), Cell(HumanText.duration(seconds: fault.lasted(now: now))),
            fault.stateCell, Cell(fault.beneath.map { "\($0.count)" } ?? ""),
            Cell(fault.actions.joined(separator: "; ")), Cell(fault.cause),
          ])
      })
  }

  static func summaries(_ summaries: [FaultSummary]) -> Table {
    Table(
      columns: [
        Column("SERVICE"), Column("FAULTS", right: true), Column("OPEN", right: true),
        Column("MTBF", right: true), Column("MTTR", right: true), Column("MTTA", right: true),
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
            Cell(summary.mtta.map(HumanText.duration(seconds:)) ?? ""),
            Cell(HumanText.share(summary.availability)),
          ])
      })
  }

  static func months(_ months: [FaultMonth]) -> Table {
    Table(
      columns: [
        Column("SERVICE"), Column("MONTH"), Column("FAULTS", right: true),
        Column("MTBF", right: true), Column("MTTR", right: true), Column("MTTA", right: true),
        Column("DOWN", right: true), Column("AVAILABILITY", right: true),
        Column("OBJECTIVE", right: true), Column("BUDGET LEFT", right: true),
      ],
      rows: months.map { month in
        let left = month.budget * month.budgetLeft
        let share = "\((month.budgetLeft * 1_000).rounded(.down) / 10)%"
        return Row(
          name: "\(month.service)/\(month.month)",
          cells: [
            Cell(month.service), Cell(month.month), Cell("\(month.faults)"),
            Cell(month.mtbf.map(HumanText.duration(seconds:)) ?? ""),
            Cell(month.mttr.map(HumanText.duration(seconds:)) ?? ""),
            Cell(month.mtta.map(HumanText.duration(seconds:)) ?? ""),
            Cell(HumanText.duration(seconds: month.down)),
            Cell(HumanText.share(month.availability)), Cell(HumanText.share(month.objective)),
            left < 0
              ? Cell("\(share), \(HumanText.duration(seconds: -left)) too much", .bad)
              : Cell("\(share), \(HumanText.duration(seconds: left))"),
          ])
      })
  }

  static func moments(_ moments: [FaultMoment]) -> Table {
    Table(
      columns: [Column("TIME"), Column("KIND"), Column("WHERE"), Column("WHAT")],
      rows: moments.map { moment in
        Row(
          name: HumanText.moment(moment.at),
          cells: [
            Cell(HumanText.moment(moment.at)), Cell(moment.kind.rawValue, moment.style),
            Cell([moment.service, moment.server].compactMap { $0 }.joined(separator: "/")),
            Cell(moment.message),
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
    let about = [service, server ?? subject ?? ""].filter { !$0.isEmpty }
    return about.isEmpty ? "(ballast)" : about.joined(separator: "/")
  }

  var stateCell: Table.Cell {
    switch state {
    case .open: Table.Cell("open", .bad)
    case .acknowledged: Table.Cell("acknowledged", .warning)
    case .recovering: Table.Cell("recovering", .warning)
    case .resolved: Table.Cell("resolved", .good)
    }
  }

  /// Seconds; of an open fault, until now.
  func lasted(now: WallTime) -> Double { duration ?? max(0, (now - began).seconds) }
}

extension FaultMoment {
  var style: Tone {
    switch severity {
    case .info: .plain
    case .warning: .warning
    case .error: .bad
    }
  }
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
