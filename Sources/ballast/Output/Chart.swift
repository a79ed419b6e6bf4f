/// Values over time as rows of bars, eight steps to a line of text.
struct Chart {
  var title: String
  /// One for each moment, in order; negative ones count as none.
  var values: [Double]
  /// How a value is written at the axis.
  var label: (Double) -> String
  /// What the axis begins with; nil is nothing.
  var floor: Double?
  /// The highest that there can be; nil is the highest that there is.
  var ceiling: Double?
  var tone = Tone.plain

  /// The most moments that are shown; more are put together.
  static let widest = 100
  private static let steps = Array("▁▂▃▄▅▆▇█")

  /// The lines, the title first.
  /// - Parameters:
  ///   - rows: how high the bars are.
  ///   - width: columns for all of it.
  func lines(rows: Int, width: Int, colors: Bool) -> [String] {
    let columns = columns(max(10, min(Self.widest, width - Self.axisWidth - 2)))
    guard let most = columns.max() else { return [] }
    let low = floor ?? 0
    let high = max(ceiling ?? most, low + .leastNonzeroMagnitude)
    var lines = [Tone.strong.paint(title, colors)]
    for row in (0..<rows).reversed() {
      let bars = columns.map { bar($0, row: row, rows: rows, low: low, high: high) }
      var axis = ""
      if row == rows - 1 { axis = label(high) }
      if row == 0 { axis = rows == 1 ? label(most) : label(low) }
      let gap = String(repeating: " ", count: max(0, Self.axisWidth - axis.count))
      lines.append(gap + axis + " ▏" + tone.paint(String(bars), colors))
    }
    return lines
  }

  static let axisWidth = 9

  /// What part of a bar stands in this row.
  private func bar(_ value: Double, row: Int, rows: Int, low: Double, high: Double) -> Character {
    guard value.isFinite, value > low else { return row == 0 && value >= low ? "▁" : " " }
    let part = min(1, (value - low) / (high - low)) * Double(rows * Self.steps.count)
    let eighths = Int(part.rounded(.up)) - row * Self.steps.count
    return eighths <= 0 ? " " : Self.steps[min(eighths, Self.steps.count) - 1]
  }

  /// At most `count` values, each the mean of its moments.
  private func columns(_ count: Int) -> [Double] {
    guard values.count > count else { return values.map { max(0, $0) } }
    return (0..<count).map { column in
      let from = column * values.count / count
      let to = max(from + 1, (column + 1) * values.count / count)
      let part = values[from..<to].map { max(0, $0) }
      return part.reduce(0, +) / Double(part.count)
    }
  }
}
