/// One thing that is wrong, or worth a look, in a configuration.
public struct Diagnostic: Sendable, Equatable {
  public enum Severity: String, Sendable { case error, warning }

  public var file: String
  /// From 1.
  public var line: Int
  /// From 1, in Unicode scalars.
  public var column: Int
  public var severity: Severity
  public var message: String
  /// What to write instead.
  public var suggestion: String?
  /// The line as it is written; a long one is cut to `excerptLength` around the column.
  public var sourceLine: String?
  /// Where the column is in `sourceLine`, from 1.
  public var caretColumn: Int
  /// How many scalars of `sourceLine` are meant; at least 1.
  public var caretLength: Int

  public init(
    file: String, line: Int, column: Int, severity: Severity = .error, message: String,
    suggestion: String? = nil, sourceLine: String? = nil, caretColumn: Int? = nil,
    caretLength: Int = 1
  ) {
    self.file = file
    self.line = line
    self.column = column
    self.severity = severity
    self.message = message
    self.suggestion = suggestion
    self.sourceLine = sourceLine
    self.caretColumn = caretColumn ?? column
    self.caretLength = caretLength
  }

  /// Scalars of a source line that are kept.
  public static let excerptLength = 160
}

extension Diagnostic: CustomStringConvertible {
  public var description: String { rendered(color: false) }

  /// `FILE:LINE:COLUMN: error: MESSAGE`, then the line with a caret below it and a `help:` line,
  /// where there are such; without a final line break.
  /// - Parameter color: whether to use terminal colours (ANSI SGR).
  public func rendered(color: Bool) -> String {
    let bold = color ? "\u{1B}[1m" : ""
    let tint = color ? (severity == .error ? "\u{1B}[1;31m" : "\u{1B}[1;33m") : ""
    let green = color ? "\u{1B}[32m" : ""
    let plain = color ? "\u{1B}[0m" : ""
    var text = "\(bold)\(Quoted.safe(file)):\(line):\(column):\(plain) "
    text += "\(tint)\(severity.rawValue):\(plain) \(bold)\(message)\(plain)"
    if let sourceLine {
      let lead = String(repeating: " ", count: max(caretColumn - 1, 0))
      let tail = String(repeating: "~", count: max(caretLength - 1, 0))
      text += "\n  \(sourceLine)\n  \(lead)\(green)^\(tail)\(plain)"
    }
    if let suggestion { text += "\n  help: \(suggestion)" }
    return text
  }
}
