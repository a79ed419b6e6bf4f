import Testing

@testable import ballast

@Suite struct TableTests {
  private let table = Table(
    columns: [
      .init("NAME"), .init("LOAD", right: true, restless: true), .init("MORE", wide: true),
      .init("TEXT"),
    ],
    rows: [
      .init(name: "a", cells: ["a", "5", "x", .init("fine", .good)]),
      .init(name: "longer", cells: ["longer", "12345", "y", ""]),
    ])

  @Test func `columns are as wide as their widest word, numbers end together`() {
    #expect(
      table.lines(wide: false, colors: false) == [
        "NAME      LOAD   TEXT",
        "a            5   fine",
        "longer   12345   -",
      ])
  }

  @Test func `wide shows every column`() {
    #expect(table.lines(wide: true, colors: false)[1] == "a            5   x      fine")
  }

  @Test func `colours do not change the alignment`() {
    let lines = table.lines(wide: false, colors: true)
    #expect(lines[1] == "a            5   \u{1b}[32mfine\u{1b}[0m")
    let plain = lines.map { line in
      ["\u{1b}[1m", "\u{1b}[32m", "\u{1b}[0m"].reduce(line) { text, code in
        text.split(separator: code).joined()
      }
    }
    #expect(plain == table.lines(wide: false, colors: false))
  }

  @Test func `the last column is cut at the terminal's edge`() {
    var long = table
    long.rows[0].cells[3] = "a very long text"
    #expect(long.lines(wide: false, colors: false, width: 28)[1] == "a            5   a very lon…")
  }

  @Test func `later lines stand below earlier ones`() {
    var later = table
    later.rows = [.init(name: "b", cells: ["b", "1", "", "text"])]
    let line = later.lines(wide: false, colors: false, titles: false, least: table.widths)
    #expect(line == ["b            1   text"])
  }

  @Test func `what changes all the time is no change`() {
    var row = table.rows[0]
    row.cells[1] = "6"
    #expect(table.signature(row) == table.signature(table.rows[0]))
    row.cells[3] = "bad"
    #expect(table.signature(row) != table.signature(table.rows[0]))
  }

  @Test func `control characters are shown, not sent`() {
    #expect(Table.Cell("a\u{1b}[2J\nb\u{9b}\u{7f}é").text == "a\\x1b[2J\\nb\\x9b\\x7fé")
  }
}
