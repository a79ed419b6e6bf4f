/// Rows under titles, aligned by spaces.
struct Table: Equatable {
  struct Column: Equatable {
    var title: String
    /// Only with `-o wide`.
    var wide = false
    /// Numbers end at the same place.
    var right = false
    /// Changes all the time, such as an age: no reason to print the row again while watching.
    var restless = false

    init(_ title: String, wide: Bool = false, right: Bool = false, restless: Bool = false) {
      self.title = title
      self.wide = wide
      self.right = right
      self.restless = restless
    }
  }

  struct Cell: Equatable, ExpressibleByStringLiteral, ExpressibleByStringInterpolation {
    var text: String
    var tone: Tone

    init(_ text: String, _ tone: Tone = .plain) {
      self.text = HumanText.printable(text)
      self.tone = tone
    }

    init(stringLiteral text: String) { self.init(text) }
  }

  struct Row: Equatable {
    /// What `-o name` prints, and other words that mean this row.
    var name: String
    var aliases: [String] = []
    var cells: [Cell]
  }

  var columns: [Column]
  var rows: [Row]

  /// How wide each column is, by titles and cells.
  var widths: [Int] {
    columns.indices.map { place in
      rows.reduce(columns[place].title.count) { widest, row in
        max(widest, row.cells.indices.contains(place) ? row.cells[place].text.count : 0)
      }
    }
  }

  /// The lines, titles first. A line longer than `width` is cut in its last column. Columns are at
  /// least as wide as `least` says, so that lines printed later stand below those before.
  func lines(
    wide: Bool, colors: Bool, width: Int? = nil, titles: Bool = true, least: [Int] = []
  ) -> [String] {
    let shown = columns.indices.filter { wide || !columns[$0].wide }
    let heads = shown.map { Cell(columns[$0].title, .strong) }
    let bodies = rows.map { row in
      shown.map { row.cells.indices.contains($0) ? row.cells[$0] : "" }
    }
    let all = widths
    let widths = shown.map { max(all[$0], least.indices.contains($0) ? least[$0] : 0) }
    return ((titles ? [heads] : []) + bodies).map { cells in
      line(cells, shown, widths, colors: colors, width: wide ? nil : width)
    }
  }

  private func line(
    _ cells: [Cell], _ shown: [Int], _ widths: [Int], colors: Bool, width: Int?
  ) -> String {
    var text = ""
    var used = 0
    for (place, cell) in cells.enumerated() {
      let last = place == cells.count - 1
      var word = cell.text.isEmpty ? "-" : cell.text
      if last, let width, used + word.count > width, width - used > 8 {
        word = word.prefix(width - used - 1) + "…"
      }
      let gap = String(repeating: " ", count: max(0, widths[place] - word.count))
      let painted = cell.tone.paint(word, colors)
      if columns[shown[place]].right {
        text += gap + painted
      } else {
        text += painted + (last ? "" : gap)
      }
      if !last { text += "   " }
      used += widths[place] + 3
    }
    return text
  }

  /// What must differ for a row to be worth printing again.
  func signature(_ row: Row) -> [String] {
    zip(columns, row.cells).filter { !$0.0.restless }.map(\.1.text)
  }
}
