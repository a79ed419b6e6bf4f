/// Text from a file, made safe for a terminal and a log: control characters and other invisible
/// scalars are replaced, so that a file can't paint over a message.
enum Quoted {
  /// Scalars of a value that a message repeats.
  static let longestValue = 64

  static func value(_ text: String) -> String {
    let scalars = text.unicodeScalars.prefix(longestValue + 1)
    if scalars.count <= longestValue { return "'\(safe(text))'" }
    return "'\(safe(String(String.UnicodeScalarView(scalars.dropLast()))))…'"
  }

  static func safe(_ text: String) -> String {
    if text.utf8.allSatisfy({ $0 >= 32 && $0 < 127 }) { return text }
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars { result.append(isVisible(scalar) ? scalar : "\u{FFFD}") }
    return String(result)
  }

  private static func isVisible(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse,
      .unassigned:
      false
    default: true
    }
  }
}
