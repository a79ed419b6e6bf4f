/// Lines that tell what led to what, indented, with marks.
struct Narrative {
  enum Mark: Equatable {
    case none, yes, no, skipped

    var text: String {
      switch self {
      case .none: ""
      case .yes: "✓ "
      case .no: "✗ "
      case .skipped: "· "
      }
    }

    var tone: Tone {
      switch self {
      case .none: .plain
      case .yes: .good
      case .no: .bad
      case .skipped: .faint
      }
    }
  }

  private enum Part {
    case line(indent: Int, Mark, String, Tone)
    case table(indent: Int, Table)
  }

  private var parts: [Part] = []

  /// - Parameter depth: 0 is the left edge.
  mutating func add(_ depth: Int, _ text: String, _ mark: Mark = .none, tone: Tone = .plain) {
    parts.append(.line(indent: 2 * depth, mark, HumanText.printable(text), tone))
  }

  mutating func add(_ depth: Int, _ table: Table) {
    if !table.rows.isEmpty { parts.append(.table(indent: 2 * depth, table)) }
  }

  func lines(colors: Bool, width: Int?) -> [String] {
    parts.flatMap { part -> [String] in
      switch part {
      case .line(let indent, let mark, let text, let tone):
        let space = String(repeating: " ", count: indent)
        return [space + mark.tone.paint(mark.text, colors) + tone.paint(text, colors)]
      case .table(let indent, let table):
        let space = String(repeating: " ", count: indent)
        let rest = width.map { max(20, $0 - indent) }
        return table.lines(wide: false, colors: colors, width: rest).map { space + $0 }
      }
    }
  }
}
