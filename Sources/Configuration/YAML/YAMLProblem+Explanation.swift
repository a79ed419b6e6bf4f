extension YAMLProblem {
  /// libyaml's words in plain ones, with what to do about it.
  func explained(in source: SourceText) -> (message: String, offset: Int, help: String) {
    let byte = offset < source.bytes.count ? source.bytes[offset] : 10
    let began = "line \(source.position(at: contextOffset).line)"
    let indentation = "check that this line begins in the column of its neighbours"
    if byte == 9 || problem.contains("tab character") || tabIndents(source) {
      return ("a tab stands where only spaces can indent", tabOffset(source), "use spaces")
    }
    switch problem {
    case "found character that cannot start any token":
      let character = source.text(offset..<min(offset + 1, source.bytes.count))
      return (
        "a value cannot begin with \(Quoted.value(character))", offset, "put the value in quotes"
      )
    case "mapping values are not allowed in this context":
      return (
        "a key with ':' cannot stand here", offset, "\(indentation); text with ': ' needs quotes"
      )
    case "did not find expected key":
      if context.contains("flow") { break }
      return ("this line fits no map or list above it", offset, indentation)
    case "did not find expected '-' indicator":
      return (
        "the list that begins at \(began) goes on without a '-'", offset,
        "begin each item with '- ' in the same column"
      )
    case "could not find expected ':'":
      return (
        "this is no 'key: value'", context.isEmpty ? offset : contextOffset,
        "write a space after ':', and '- ' before an item of a list"
      )
    case "did not find expected ',' or ']'":
      return ("the list that begins at \(began) with '[' is not closed", offset, "add ',' or ']'")
    case "did not find expected ',' or '}'":
      return ("the map that begins at \(began) with '{' is not closed", offset, "add ',' or '}'")
    case "found unexpected end of stream":
      return ("the quotes that open here are not closed", contextOffset, "add the closing quote")
    case "found unknown escape character":
      return (
        "this escape is unknown in double quotes", offset,
        "write '\\\\' for a backslash, or use single quotes"
      )
    case "did not find expected <document start>":
      return ("the document ends above this line", offset, indentation)
    case "control characters are not allowed":
      return ("a control character cannot stand in the file", offset, "remove it")
    default: break
    }
    let detail = context.isEmpty ? problem : "\(context), \(problem)"
    return ("this is not YAML: \(Quoted.safe(detail))", offset, "see the line and the one above")
  }

  /// libyaml also reports a tab in the indentation as something else that is wrong in its line.
  private func tabIndents(_ source: SourceText) -> Bool {
    tabOffset(source) < source.bytes.count && source.bytes[tabOffset(source)] == 9
  }

  /// The first tab of the blank beginning of the line; else the problem's own place.
  private func tabOffset(_ source: SourceText) -> Int {
    for index in source.line(at: offset) {
      if source.bytes[index] == 9 { return index }
      if source.bytes[index] != 32 { break }
    }
    return offset
  }
}
