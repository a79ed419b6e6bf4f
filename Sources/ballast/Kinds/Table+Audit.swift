internal import Audit
internal import Primitives

extension Table {
  static func audit(_ entries: [AuditEntry]) -> Table {
    Table(
      columns: [
        Column("NUMBER", right: true), Column("AT"), Column("WHO"), Column("ROLE", wide: true),
        Column("BY"), Column("FROM", wide: true), Column("RESULT"), Column("WHAT"), Column("OF"),
        Column("CHANGE"),
      ],
      rows: entries.map { entry in
        let record = entry.record
        return Row(
          name: "\(entry.number)",
          cells: [
            "\(entry.number)", Cell(HumanText.moment(record.at)), Cell(record.actor),
            Cell(record.role ?? ""), Cell(record.source.rawValue), Cell(record.origin),
            record.resultCell, Cell(record.action), Cell(record.subject ?? ""),
            Cell(record.change),
          ])
      })
  }
}

extension Card {
  static func audit(_ entry: AuditEntry) -> Card {
    let record = entry.record
    var card = Card()
    card.add("Number", text: "\(entry.number)")
    card.add("At", text: HumanText.moment(record.at))
    card.add("Who", text: record.actor)
    card.add("Role", text: record.role)
    card.add("By", text: record.source.rawValue)
    card.add("From", text: record.origin)
    card.add("What", text: record.action)
    card.add("Of", text: record.subject)
    card.add("Result", record.resultCell)
    card.add("Why", text: record.detail)
    card.add("Before", text: record.before)
    card.add("After", text: record.after)
    card.add("Hash", text: "\(entry.hash)")
    return card
  }
}

extension AuditRecord {
  fileprivate var resultCell: Table.Cell {
    switch result {
    case .done: Table.Cell("done", .good)
    case .refused, .unknown: Table.Cell(result.rawValue, .warning)
    case .failed: Table.Cell("failed", .bad)
    }
  }

  /// On one line: from what to what, or why.
  fileprivate var change: String {
    switch (before, after) {
    case (let before?, let after?) where before != after: "\(before) → \(after)"
    case (nil, let after?): detail.map { "\(after): \($0)" } ?? after
    default: detail ?? ""
    }
  }
}
