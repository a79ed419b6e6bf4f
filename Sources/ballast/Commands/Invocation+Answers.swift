extension Invocation {
  /// A list in the form that `-o` names.
  func printListing(_ listing: Listing) {
    switch format {
    case .json, .yaml: printData(.array(listing.elements))
    case .name: listing.table.rows.forEach { console.print($0.name) }
    case .table, .wide:
      if listing.elements.isEmpty {
        console.message("no \(listing.kind.rawValue)")
      } else {
        printTable(listing.table)
      }
    }
  }

  func printTable(_ table: Table) {
    let lines = table.lines(
      wide: format == .wide, colors: console.colorsOutput, width: console.width)
    console.print(lines.joined(separator: "\n"))
  }

  /// True when the form is one for programs, and so all is printed.
  @discardableResult
  func printData(_ value: JSONValue) -> Bool {
    guard let text = DataText.text(value, as: format) else { return false }
    console.write(text)
    return true
  }

  /// What Ballast answered: whole for programs, as a sentence for people.
  func printAnswer(
    _ bytes: [UInt8], sentence: () throws(CommandFailure) -> String
  ) throws(CommandFailure) {
    if let value = JSONValue(parsing: bytes), printData(value) { return }
    console.print(try sentence())
  }
}
