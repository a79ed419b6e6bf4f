/// `get -w`: paints the table anew on a terminal, prints changed rows elsewhere.
struct ListingWatch {
  static let intervalMilliseconds = 1_000

  let invocation: Invocation
  private var patience = Patience()
  private var seen: [String: [String]] = [:]
  private var widths: [Int] = []

  init(invocation: Invocation) { self.invocation = invocation }

  /// Ends only with an error, or with the process.
  mutating func run(
    _ first: Listing, _ look: () throws(CommandFailure) -> Listing
  ) throws(CommandFailure) {
    show(first, isFirst: true)
    while true {
      Pause.milliseconds(Self.intervalMilliseconds)
      do throws(CommandFailure) {
        let listing = try look()
        patience.restore()
        show(listing, isFirst: false)
      } catch {
        try patience.endure(error, everWorked: true, invocation.console)
      }
    }
  }

  private mutating func show(_ listing: Listing, isFirst: Bool) {
    let console = invocation.console
    let people = invocation.format == .table || invocation.format == .wide
    if people, console.outputIsTerminal {
      // Home, the lines that fit, each cleared to its end, then all below.
      let all = listing.table.lines(
        wide: invocation.format == .wide, colors: console.colorsOutput, width: console.width)
      let fitting = max(2, (console.height ?? all.count + 2) - 2)
      var lines = Array(all.prefix(fitting))
      if lines.count < all.count { lines.append("… \(all.count - lines.count) more") }
      let start = isFirst ? "\u{1b}[2J\u{1b}[H" : "\u{1b}[H"
      console.write(start + lines.map { $0 + "\u{1b}[K\n" }.joined() + "\u{1b}[J")
      return
    }
    let changed = changes(in: listing)
    guard isFirst || !changed.elements.isEmpty else { return }
    switch invocation.format {
    case .json: console.print(JSONValue.array(changed.elements).compactText)
    case .yaml: console.write("---\n" + YAMLText.text(.array(changed.elements)))
    case .name: changed.table.rows.forEach { console.print($0.name) }
    case .table, .wide:
      let lines = changed.table.lines(
        wide: invocation.format == .wide, colors: console.colorsOutput, titles: isFirst,
        least: widths)
      if isFirst { widths = changed.table.widths }
      if !lines.isEmpty { console.print(lines.joined(separator: "\n")) }
    }
  }

  private mutating func changes(in listing: Listing) -> Listing {
    var now: [String: [String]] = [:]
    for row in listing.table.rows { now[row.name] = listing.table.signature(row) }
    let before = seen
    seen = now
    return listing.filtered { _, row in before[row.name] != now[row.name] }
  }
}
