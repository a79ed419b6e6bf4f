/// Collects what is wrong in the files of one load, up to a limit, and puts it in order.
package struct DiagnosticLog {
  /// A hostile file could hold a mistake in every byte; nobody reads more than these.
  static let limit = 100

  private struct Entry {
    var place: SourceRange
    var severity: Diagnostic.Severity
    var message: String
    var suggestion: String?
  }

  let sources: [SourceText]
  private var entries: [Entry] = []
  private(set) var errorCount = 0

  init(sources: [SourceText]) { self.sources = sources }

  package var hasErrors: Bool { errorCount > 0 }

  /// Whether further errors are only counted: costly suggestions can be spared.
  package var isFull: Bool { errorCount >= Self.limit }

  package mutating func error(_ message: String, at place: SourceRange, help: String? = nil) {
    errorCount += 1
    guard errorCount <= Self.limit else { return }
    entries.append(
      Entry(place: place, severity: .error, message: message, suggestion: help))
  }

  package mutating func warning(_ message: String, at place: SourceRange, help: String? = nil) {
    guard entries.count < 2 * Self.limit else { return }
    entries.append(
      Entry(place: place, severity: .warning, message: message, suggestion: help))
  }

  /// `FILE:LINE` of a place, for a message about two of them.
  package func describe(_ place: SourceRange) -> String {
    guard sources.indices.contains(place.file) else { return "elsewhere" }
    let source = sources[place.file]
    return "\(Quoted.safe(source.path)):\(source.position(at: place.bytes.lowerBound).line)"
  }

  /// The place of a part of a value, if the value stands in the file as it is, perhaps in quotes;
  /// else the place of the whole.
  package func place(of text: String, from offset: Int, in place: SourceRange) -> SourceRange {
    guard sources.indices.contains(place.file) else { return place }
    let written = Array(sources[place.file].text(place.bytes).utf8)
    for quotes in 0...1 where written.count >= text.utf8.count + 2 * quotes {
      guard written.dropFirst(quotes).starts(with: text.utf8) else { continue }
      let start = min(place.bytes.lowerBound + quotes + max(offset, 0), place.bytes.upperBound)
      return SourceRange(file: place.file, bytes: start..<min(start + 1, place.bytes.upperBound))
    }
    return place
  }

  /// All entries by file and place; a last one counts the errors over the limit.
  func diagnostics() -> [Diagnostic] {
    let ordered = entries.enumerated().sorted { left, right in
      let (a, b) = (left.element.place, right.element.place)
      return (a.file, a.bytes.lowerBound, left.offset) < (b.file, b.bytes.lowerBound, right.offset)
    }
    var result = ordered.map { diagnostic($0.element) }
    if errorCount > Self.limit, var last = result.last {
      last.severity = .error
      last.message = "\(errorCount - Self.limit) more errors are not shown"
      last.suggestion = "correct these first"
      last.sourceLine = nil
      result.append(last)
    }
    return result
  }

  private func diagnostic(_ entry: Entry) -> Diagnostic {
    guard sources.indices.contains(entry.place.file) else {
      return Diagnostic(
        file: "", line: 1, column: 1, severity: entry.severity, message: entry.message,
        suggestion: entry.suggestion)
    }
    let source = sources[entry.place.file]
    let offset = entry.place.bytes.lowerBound
    let (line, column) = source.position(at: offset)
    let whole = source.line(at: offset)
    let excerpt = Excerpt(source, line: whole, column: column)
    let end = max(min(entry.place.bytes.upperBound, whole.upperBound), offset)
    let length = source.bytes[min(offset, end)..<end].count(where: { $0 & 0xC0 != 0x80 })
    return Diagnostic(
      file: source.path, line: line, column: column, severity: entry.severity,
      message: entry.message, suggestion: entry.suggestion,
      sourceLine: excerpt.text.isEmpty ? nil : excerpt.text, caretColumn: excerpt.caret,
      caretLength: min(max(length, 1), max(excerpt.length - excerpt.caret + 1, 1)))
  }
}

/// A line, cut to `Diagnostic.excerptLength` around a column.
private struct Excerpt {
  var text: String
  /// From 1.
  var caret: Int
  /// In scalars.
  var length: Int

  init(_ source: SourceText, line: Range<Int>, column: Int) {
    let limit = Diagnostic.excerptLength
    let first = column <= limit - 20 ? 0 : column - limit / 2
    var kept: [UInt8] = []
    var scalar = -1
    for byte in source.bytes[line] {
      if byte & 0xC0 != 0x80 { scalar += 1 }
      if scalar >= first + limit { break }
      if scalar >= first { kept.append(byte == 9 ? 32 : byte) }
    }
    text = Quoted.safe(String(decoding: kept, as: UTF8.self))
    caret = column - first
    length = text.unicodeScalars.count
  }
}
