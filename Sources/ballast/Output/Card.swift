/// All about one thing: named values, then tables under headings.
struct Card {
  var fields: [(name: String, value: Table.Cell)] = []
  var sections: [(title: String, table: Table)] = []

  mutating func add(_ name: String, _ value: Table.Cell?) {
    if let value, !value.text.isEmpty { fields.append((name, value)) }
  }

  mutating func add(_ name: String, text: String?) { add(name, text.map { Table.Cell($0) }) }

  /// Left out when the table has no rows.
  mutating func add(section title: String, _ table: Table) {
    if !table.rows.isEmpty { sections.append((title, table)) }
  }

  func lines(colors: Bool, width: Int?) -> [String] {
    let widest = fields.reduce(0) { max($0, $1.name.count) } + 1
    var lines = fields.map { field in
      let gap = String(repeating: " ", count: widest - field.name.count + 1)
      let name = field.name.isEmpty ? " " : field.name + ":"
      return name + gap + field.value.tone.paint(field.value.text, colors)
    }
    for section in sections {
      lines += ["", Tone.strong.paint(section.title, colors)]
      let table = section.table.lines(
        wide: false, colors: colors, width: width.map { max(20, $0 - 2) })
      lines += table.map { "  " + $0 }
    }
    return lines
  }
}
