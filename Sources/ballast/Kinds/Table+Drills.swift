internal import AdminAPI
internal import Primitives

extension Table {
  static func drills(_ drills: [DrillStatus]) -> Table {
    Table(
      columns: [
        Column("DRILL", right: true), Column("SERVER"), Column("WHAT"), Column("BEGAN"),
        Column("STATE"), Column("DETECTED", right: true), Column("FAILED", right: true),
        Column("RETRIED", right: true), Column("RECOVERED", right: true),
      ],
      rows: drills.map { drill in
        let measured = drill.measured
        return Row(
          name: "\(drill.id)", aliases: ["\(drill.service)/\(drill.server)"],
          cells: [
            Cell("\(drill.id)"), Cell("\(drill.service)/\(drill.server)"), Cell(drill.order),
            Cell(drill.began.map { HumanText.moment($0) } ?? ""),
            Cell(drill.state.rawValue, drill.state == .done ? .good : .plain),
            Cell(seconds(measured?.detectedAfter)), Cell(measured.map { "\($0.failed)" } ?? "-"),
            Cell(measured.map { "\($0.retried)" } ?? "-"),
            Cell(seconds(measured?.recoveredAfter)),
          ])
      })
  }

  /// What was expected of a drill beside what came of it.
  static func drillResult(_ drill: DrillStatus) -> Table {
    let (expected, measured) = (drill.predicted, drill.measured)
    func row(_ name: String, _ expected: String, _ measured: String) -> Row {
      Row(name: name, cells: [Cell(name), Cell(expected), Cell(measured)])
    }
    func atMost(_ text: String?, or other: String) -> String {
      text.map { "at most \($0)" } ?? other
    }
    var table = Table(
      columns: [Column(""), Column("EXPECTED"), Column("MEASURED")],
      rows: [
        row(
          "left out after",
          atMost(expected.detectedWithin.map { HumanText.duration(seconds: $0) }, or: "never"),
          measured.map { $0.detectedAfter.map { HumanText.duration(seconds: $0) } ?? "never" }
            ?? ""),
        row("by", expected.detectedBy, measured?.detectedBy ?? ""),
        row(
          "failed requests", atMost(expected.failedAtMost.map { "\($0)" }, or: "not known"),
          measured.map { "\($0.failed) of \($0.requests)" } ?? ""),
        row("tried again", "", measured.map { "\($0.retried)" } ?? ""),
        row(
          "well again after",
          atMost(expected.recoveredWithin.map { HumanText.duration(seconds: $0) }, or: "not known"),
          measured.map { $0.recoveredAfter.map { HumanText.duration(seconds: $0) } ?? "not yet" }
            ?? ""),
      ])
    if measured == nil {
      table.columns.removeLast()
      for index in table.rows.indices { table.rows[index].cells.removeLast() }
      table.rows.removeAll { $0.name == "tried again" }
    }
    return table
  }

  private static func seconds(_ value: Double?) -> String {
    value.map { HumanText.duration(seconds: $0) } ?? "-"
  }
}

extension Card {
  static func drill(_ drill: DrillStatus) -> Card {
    var card = Card()
    card.add("Drill", text: "\(drill.id)")
    card.add("Server", text: "\(drill.service)/\(drill.server)")
    card.add("What", text: drill.order)
    card.add("State", text: drill.state.rawValue)
    card.add("Began", text: drill.began.map { HumanText.moment($0) })
    card.add("Ended", text: drill.ended.map { HumanText.moment($0) })
    card.add("Reason", text: drill.reason)
    if drill.forced { card.add("Forced", text: drill.objections.joined(separator: "; ")) }
    card.add(section: "Result", .drillResult(drill))
    return card
  }
}
