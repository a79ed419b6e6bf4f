/// A Procfile or a compose file as a configuration of ours: as much as can be carried over, and for
/// all else what it is and where it stands.
public struct ConfigurationImport: Sendable, Equatable {
  public enum Kind: String, Sendable { case procfile = "Procfile", compose = "compose file" }

  public var kind: Kind
  /// Valid by `ConfigurationLoader`, as far as the variables of the environment that it names are
  /// set; nil when the file is neither.
  public var text: String?
  /// What is not carried over, or not as it was: warnings. Errors where there is no text.
  public var remarks: [Diagnostic]

  /// - Parameter readFile: gives the text of an `env_file`, by the path as it is written.
  public init(_ source: ConfigurationSource, readFile: @escaping (String) throws -> String) {
    kind = Self.kind(of: source)
    var log = DiagnosticLog(sources: [SourceText(path: source.path, text: source.text)])
    var configuration = ImportedConfiguration()
    switch kind {
    case .procfile:
      var reader = ProcfileImport(log: log)
      configuration.services = reader.services()
      log = reader.log
    case .compose:
      if let root = YAMLParser.parse(file: 0, log: &log) {
        var reader = ComposeImport(log: log, readFile: readFile)
        configuration.services = reader.services(root)
        log = reader.log
      }
    }
    if configuration.services.isEmpty, !log.hasErrors {
      log.error(
        "there is no service in this \(kind.rawValue)", at: .start(of: 0),
        help: kind == .procfile
          ? "a line is 'NAME: COMMAND'"
          : "a compose file has 'services', each with an image or a command")
    }
    configuration.giveListeners(&log)
    text = log.hasErrors ? nil : configuration.text(from: source.path)
    remarks = log.diagnostics()
  }

  /// By its name; else a file whose lines are all `NAME: COMMAND` at the left margin and that has no
  /// map of services is a Procfile.
  static func kind(of source: ConfigurationSource) -> Kind {
    let name = source.path.split(separator: "/").last.map(String.init) ?? ""
    if name.hasPrefix("Procfile") { return .procfile }
    if name.hasSuffix(".yaml") || name.hasSuffix(".yml") { return .compose }
    let lines = source.text.split(whereSeparator: \.isNewline).filter { !$0.hasPrefix("#") }
    let isProcfile = lines.allSatisfy { line in
      guard let colon = line.firstIndex(of: ":"), colon > line.startIndex else { return false }
      return line[..<colon].utf8.allSatisfy(TextRule.isNameByte)
        && !line[line.index(after: colon)...].allSatisfy(\.isWhitespace)
    }
    return isProcfile && !lines.isEmpty ? .procfile : .compose
  }
}
