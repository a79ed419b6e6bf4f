/// A value to be written, in the forms that may fit its place.
struct NewValue {
  let node: YAMLNode
  /// As given, from its first line to its last, moved to the left margin.
  let lines: [String]

  init(_ text: String) throws(ConfigurationEditor.Problem) {
    // Nothing at all is meant as an empty text, not as a missing value.
    // The final line break is that of a block scalar's last line.
    let text = text.allSatisfy(\.isWhitespace) ? "\"\"" : text + "\n"
    var log = DiagnosticLog(sources: [SourceText(path: "value", text: text)])
    guard let node = YAMLParser.parse(file: 0, log: &log), !log.hasErrors else {
      let first = log.diagnostics().first
      throw ConfigurationEditor.Problem(
        message: "the value is not YAML: \(first?.message ?? "it cannot be read")",
        suggestion: first?.suggestion)
    }
    self.node = node
    let source = log.sources[0]
    let start = source.line(at: node.place.bytes.lowerBound).lowerBound
    let margin = node.place.bytes.lowerBound - start
    let written = source.text(node.place.bytes)
    lines = written.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).map {
      String($0.dropFirst(min(margin, $0.prefix { $0 == " " }.count)))
    }
  }

  /// Whether it is a list or map that is written over lines of its own.
  var isBlock: Bool { node.isCollection && !node.isFlow }

  /// On one line, in a form that fits every place.
  var inline: String { node.flowText }
}

extension YAMLNode {
  /// The node in flow style on one line, with quotes wherever they could matter.
  var flowText: String {
    switch content {
    case .scalar(let scalar):
      let text = scalar.flowText
      return tag == .file ? "!file \(text)" : text
    case .sequence(let items):
      return items.isEmpty ? "[]" : "[ \(items.map(\.flowText).joined(separator: ", ")) ]"
    case .mapping(let entries):
      let members = entries.map { "\(YAMLScalar.key($0.key)): \($0.value.flowText)" }
      return members.isEmpty ? "{}" : "{ \(members.joined(separator: ", ")) }"
    }
  }
}

extension YAMLScalar {
  fileprivate var flowText: String {
    if style == .plain, text.isEmpty { return "null" }
    return style == .plain && Self.isPlain(text) ? text : Self.quoted(text)
  }

  /// A key, quoted where it must be.
  static func key(_ text: String) -> String {
    isPlain(text) && !["null", "Null", "NULL", "true", "false"].contains(text) ? text : quoted(text)
  }

  private static func isPlain(_ text: String) -> Bool {
    guard let first = text.utf8.first, first != 45 else { return false }
    return text.utf8.allSatisfy { TextRule.isNameByte($0) || $0 == 47 || $0 == 37 }
      && first != 37
  }

  private static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      case "\u{20}"..."\u{7E}", "\u{A1}"..."\u{D7FF}": result.unicodeScalars.append(scalar)
      default:
        let digits = String(scalar.value, radix: 16, uppercase: true)
        result += "\\U" + String(repeating: "0", count: 8 - digits.utf8.count) + digits
      }
    }
    return result + "\""
  }
}
