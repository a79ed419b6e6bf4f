internal import AdminAPI

/// A line of cells that is cut at the screen's edge.
struct TopLine: Equatable {
  var cells: [Table.Cell]

  init(_ cells: [Table.Cell]) { self.cells = cells }

  func text(width: Int?, colors: Bool) -> String {
    var left = width ?? Int.max
    var text = ""
    for cell in cells where left > 0 {
      var word = cell.text
      if word.count > left { word = word.prefix(max(0, left - 1)) + "…" }
      left -= word.count
      text += cell.tone.paint(word, colors)
    }
    return text
  }
}

/// The services of `top`, with as many columns as there is room for.
struct TopTable {
  private struct Column {
    var title: String
    var order: TopView.Order?
    /// The higher goes first where there is no room; 0 always stays.
    var sacrifice: Int
    var isRight = true
    var cell: (ServiceStatus) -> Table.Cell
  }

  private static let gap = 3
  /// A name is cut to this where there is no room.
  private static let longestName = 32

  let head: TopLine
  let rows: [TopLine]

  init(_ services: [ServiceStatus], order: TopView.Order, width: Int?) {
    var columns = Self.columns
    func cells(_ column: Column) -> [Table.Cell] { services.map(column.cell) }
    func widest(_ column: Column) -> Int {
      cells(column).reduce(column.title.count) { max($0, $1.text.count) }
    }
    func total(_ columns: [Column]) -> Int {
      columns.reduce(-Self.gap) { $0 + widest($1) + Self.gap }
    }
    if let width {
      while total(columns) > width,
        let least = columns.indices.filter({ columns[$0].sacrifice > 0 }).max(by: {
          columns[$0].sacrifice < columns[$1].sacrifice
        })
      {
        columns.remove(at: least)
      }
    }
    let widths = columns.map(widest)
    func line(_ cells: [Table.Cell]) -> TopLine {
      var parts: [Table.Cell] = []
      for (place, cell) in cells.enumerated() {
        let space = String(repeating: " ", count: max(0, widths[place] - cell.text.count))
        let between = String(repeating: " ", count: place == cells.count - 1 ? 0 : Self.gap)
        parts +=
          columns[place].isRight
          ? [.init(space), cell, .init(between)] : [cell, .init(space + between)]
      }
      return TopLine(parts)
    }
    head = line(
      columns.map { column in
        Table.Cell(column.title, column.order == order ? .good : .strong)
      })
    rows = services.map { service in line(columns.map { $0.cell(service) }) }
  }

  private static var columns: [Column] {
    [
      Column(title: "SERVICE", order: .name, sacrifice: 0, isRight: false) { service in
        let name = service.name
        return Table.Cell(
          name.count > longestName ? name.prefix(longestName - 1) + "…" : name)
      },
      Column(title: "STATE", order: .state, sacrifice: 0, isRight: false) { $0.stateCell },
      Column(title: "REQ/S", order: .requests, sacrifice: 0) {
        Table.Cell(HumanText.rate($0.requestsPerSecond))
      },
      Column(title: "ERR/S", order: .errors, sacrifice: 1) {
        Table.Cell(HumanText.rate($0.failuresPerSecond), $0.failuresPerSecond > 0 ? .bad : .plain)
      },
      Column(title: "ERRORS", order: nil, sacrifice: 5) {
        Table.Cell(
          TopView.share($0.failuresPerSecond, of: $0.requestsPerSecond),
          $0.failuresPerSecond > 0 ? .bad : .plain)
      },
      Column(title: "P50", order: nil, sacrifice: 4) {
        Table.Cell($0.p50.map(HumanText.duration(seconds:)) ?? "-")
      },
      Column(title: "P99", order: .p99, sacrifice: 2) {
        Table.Cell($0.p99.map(HumanText.duration(seconds:)) ?? "-")
      },
      Column(title: "IN FLIGHT", order: .inflight, sacrifice: 6) { Table.Cell("\($0.inflight)") },
      Column(title: "SERVERS", order: nil, sacrifice: 3) {
        Table.Cell("\($0.healthy)/\($0.servers)", $0.healthy < $0.servers ? .warning : .plain)
      },
      Column(title: "REPLICAS", order: nil, sacrifice: 7) { service in
        guard let counts = service.replicas else { return "-" }
        return Table.Cell(
          "\(counts.ready)/\(counts.desired)", counts.ready < counts.desired ? .warning : .plain)
      },
      Column(title: "VERSION", order: nil, sacrifice: 8, isRight: false) {
        Table.Cell($0.version ?? "-")
      },
    ]
  }
}
