/// One value put into a text, at a node or as a new entry of it.
struct Change {
  let source: SourceText
  let root: YAMLNode
  /// To the node that is replaced, or that gets an entry.
  let steps: [EditStep]
  /// Keys that aren't there yet, from the outermost; empty when the node is replaced.
  let missing: [String]
  let new: NewValue

  /// Bytes of the old text and what stands there in the new one.
  private typealias Edit = (range: Range<Int>, text: String)

  func text() throws(ConfigurationEditor.Problem) -> String {
    let expected = try expected()
    for edits in try candidates() {
      let text = apply(edits)
      if let node = ConfigurationEditor.parse(text), node.isSame(as: expected) { return text }
    }
    throw ConfigurationEditor.Problem(
      message: "the value cannot be set here without changing others",
      suggestion: "an anchor or an unusual layout is in the way; edit the file by hand")
  }

  /// What the new text must say.
  private func expected() throws(ConfigurationEditor.Problem) -> YAMLNode {
    guard let first = missing.first else { return root.replacing(steps[...], with: new.node) }
    guard var parent = root.node(at: steps) else { return root }
    let value = wrapped(new.node, in: missing.dropFirst())
    switch parent.content {
    case .mapping(let entries):
      parent.content = .mapping(entries + [entry(first, value)])
    case .sequence(let items):
      guard ScalarText.integer(first) == items.count else {
        throw ConfigurationEditor.Problem(
          message: "the list has no item \(Quoted.value(first))",
          suggestion: "its items are 0 to \(items.count - 1); \(items.count) appends one")
      }
      parent.content = .sequence(items + [value])
    case .scalar:
      guard parent.isNull else {
        throw ConfigurationEditor.Problem(
          message: "\(Quoted.value(first)) cannot be set in a value that is text",
          suggestion: "set that value to a map first")
      }
      parent = wrapped(new.node, in: missing[...])
    }
    return root.replacing(steps[...], with: parent)
  }

  /// The value inside new maps.
  private func wrapped(_ node: YAMLNode, in keys: ArraySlice<String>) -> YAMLNode {
    keys.reversed().reduce(node) { inner, key in
      YAMLNode(
        content: .mapping([entry(key, inner)]), tag: nil, isFlow: true, place: .start(of: 0))
    }
  }

  private func entry(_ key: String, _ value: YAMLNode) -> YAMLEntry {
    YAMLEntry(key: key, keyPlace: .start(of: 0), value: value)
  }

  /// Ways to write it, the most natural first; the first that proves right is taken.
  private func candidates() throws(ConfigurationEditor.Problem) -> [[Edit]] {
    guard let node = root.node(at: steps) else { return [] }
    if missing.isEmpty {
      return [replacing(node, by: new.lines), replacing(node, by: [new.inline])]
    }
    let inline = wrapped(new.node, in: missing.dropFirst()).flowText
    var values = [[inline]]
    if missing.count == 1 { values.insert(new.lines, at: 0) }
    if node.isNull {
      if steps.isEmpty { return values.map { [appendedToEmptyFile($0)] } }
      return [replacing(node, by: [wrapped(new.node, in: missing[...]).flowText])]
    }
    return values.map { node.isFlow ? addingInline(to: node, $0) : addingLine(to: node, $0) }
  }

  // MARK: Replacing

  private func replacing(_ node: YAMLNode, by lines: [String]) -> [Edit] {
    let place = node.place.bytes
    let isMultiline = lines.count > 1
    guard let key = keyPlace, let colon = colonEnd(after: key), !isInFlow else {
      // An item, or inside flow brackets: its lines go on in the column where it begins.
      return [(place, spaced(joined(lines, indent: column(of: place.lowerBound)), at: place))]
    }
    let startsBelow = place.lowerBound >= source.line(at: colon).upperBound && !place.isEmpty
    if !startsBelow, !isMultiline { return [(place, spaced(lines[0], at: place))] }
    let indent = column(of: key.lowerBound) + 2
    let opensBelow = new.isBlock && isMultiline
    let first = opensBelow ? "" : " " + lines[0]
    let rest = opensBelow ? lines : Array(lines.dropFirst())
    let below = rest.map { lineBreak + indented($0, by: indent) }.joined()
    // A comment after the key, or after a short old value, stays on the key's line.
    let lineEnd = source.line(at: colon).upperBound
    if startsBelow {
      let comment = trimmedEnd(source.text(colon..<lineEnd))
      return [(colon..<max(place.upperBound, lineEnd), first + comment + below)]
    }
    if place.upperBound < lineEnd {
      return [(colon..<place.upperBound, first), (lineEnd..<lineEnd, below)]
    }
    return [(colon..<place.upperBound, first + below)]
  }

  /// With a space before it where a value is put right behind an indicator.
  private func spaced(_ text: String, at place: Range<Int>) -> String {
    guard place.isEmpty, place.lowerBound > 0 else { return text }
    return source.bytes[place.lowerBound - 1] == 32 ? text : " " + text
  }

  // MARK: Adding

  private func addingLine(to node: YAMLNode, _ lines: [String]) -> [Edit] {
    let indent = column(of: firstChildStart(of: node))
    let end = source.line(at: node.end).upperBound
    var text = lineBreak + String(repeating: " ", count: indent)
    switch node.content {
    case .sequence: text += "- " + joined(lines, indent: indent + 2)
    default:
      text += YAMLScalar.key(missing[0]) + ":"
      let below = indent + 2
      text +=
        new.isBlock && lines.count > 1
        ? lines.map { lineBreak + indented($0, by: below) }.joined()
        : " " + joined(lines, indent: below)
    }
    return [(end..<end, text)]
  }

  private func addingInline(to node: YAMLNode, _ lines: [String]) -> [Edit] {
    let value = lines.count > 1 ? new.inline : lines[0]
    var text = value
    if case .mapping = node.content { text = "\(YAMLScalar.key(missing[0])): \(value)" }
    if let last = lastChildEnd(of: node) { return [(last..<last, ", \(text)")] }
    let close = max(node.end - 1, 0)
    var open = close
    while open > 0, source.bytes[open - 1] == 32 { open -= 1 }
    return [(open..<close, " \(text) ")]
  }

  private func appendedToEmptyFile(_ lines: [String]) -> Edit {
    let end = source.bytes.count
    let lead = end == 0 || source.bytes[end - 1] == 10 ? "" : lineBreak
    let value =
      new.isBlock && lines.count > 1
      ? lines.map { lineBreak + indented($0, by: 2) }.joined() : " " + joined(lines, indent: 2)
    return (end..<end, "\(lead)\(YAMLScalar.key(missing[0])):\(value)\(lineBreak)")
  }

  // MARK: Places

  private var keyPlace: Range<Int>? {
    guard case .entry(let index)? = steps.last,
      case .mapping(let entries)? = root.node(at: steps.dropLast())?.content
    else { return nil }
    return entries[index].keyPlace.bytes
  }

  private var isInFlow: Bool {
    steps.indices.contains { root.node(at: Array(steps[..<$0]))?.isFlow ?? false }
  }

  /// Behind the ':' of a key.
  private func colonEnd(after key: Range<Int>) -> Int? {
    var index = key.upperBound
    while index < source.bytes.count, source.bytes[index] == 32 { index += 1 }
    return index < source.bytes.count && source.bytes[index] == 58 ? index + 1 : nil
  }

  private func firstChildStart(of node: YAMLNode) -> Int {
    if case .mapping(let entries) = node.content, let first = entries.first {
      return first.keyPlace.bytes.lowerBound
    }
    return node.place.bytes.lowerBound
  }

  private func lastChildEnd(of node: YAMLNode) -> Int? {
    switch node.content {
    case .mapping(let entries):
      entries.last.map { max($0.value.end, $0.keyPlace.bytes.upperBound) }
    case .sequence(let items): items.last?.end
    case .scalar: nil
    }
  }

  private func column(of offset: Int) -> Int {
    let line = source.line(at: offset)
    return source.bytes[line.lowerBound..<max(offset, line.lowerBound)]
      .count(where: { $0 & 0xC0 != 0x80 })
  }

  // MARK: Text

  private var lineBreak: String {
    guard let feed = source.bytes.firstIndex(of: 10), feed > 0, source.bytes[feed - 1] == 13 else {
      return "\n"
    }
    return "\r\n"
  }

  private func joined(_ lines: [String], indent: Int) -> String {
    lines.enumerated().map { $0.offset == 0 ? $0.element : indented($0.element, by: indent) }
      .joined(separator: lineBreak)
  }

  private func indented(_ line: String, by count: Int) -> String {
    line.isEmpty ? line : String(repeating: " ", count: count) + line
  }

  private func trimmedEnd(_ text: String) -> String {
    var text = text[...]
    while let last = text.last, last.isWhitespace { text = text.dropLast() }
    return String(text)
  }

  private func apply(_ edits: [Edit]) -> String {
    var bytes = source.bytes
    for edit in edits.sorted(by: { $0.range.lowerBound > $1.range.lowerBound }) {
      let range = edit.range.clamped(to: 0..<bytes.count)
      bytes.replaceSubrange(range, with: edit.text.utf8)
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
