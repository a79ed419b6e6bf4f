/// Turns texts into `Settings`. It reads no file, no clock and no environment of its own.
public struct ConfigurationLoader {
  let environment: [String: String]
  let folder: String
  let readFile: (String) throws -> String
  let inspect: (TLSFiles) -> [TLSFileProblem]

  /// - Parameters:
  ///   - environment: what `${NAME}` refers to.
  ///   - folder: the absolute path of the folder that relative paths start from: the file's own, or
  ///     the configuration's when that is a folder.
  ///   - readFile: gives the text of the file at an absolute path, for `!file`.
  ///   - inspect: says what is wrong with certificates, keys and authorities.
  public init(
    environment: [String: String], folder: String,
    readFile: @escaping (String) throws -> String,
    inspect: @escaping (TLSFiles) -> [TLSFileProblem] = { _ in [] }
  ) {
    self.environment = environment
    self.folder = folder
    self.readFile = readFile
    self.inspect = inspect
  }

  /// Reads one file, or all `*.yaml` of a folder in the order of their names.
  public func load(_ sources: [ConfigurationSource]) -> LoadOutcome {
    var log = DiagnosticLog(sources: sources.map { SourceText(path: $0.path, text: $0.text) })
    guard !sources.isEmpty else {
      return .refused([
        Diagnostic(
          file: folder, line: 1, column: 1, message: "there is no configuration file here",
          suggestion: "write one that ends in .yaml")
      ])
    }
    guard sources.count <= Self.mostFiles else {
      log.error(
        "the folder has \(sources.count) files; the most is \(Self.mostFiles)",
        at: .start(of: 0), help: "put some of them together")
      return .refused(log.diagnostics())
    }
    let roots = sources.indices.compactMap { YAMLParser.parse(file: $0, log: &log) }
    // A file that is no YAML hides keys: checks of the rest would report what isn't missing.
    guard roots.count == sources.count, let root = SourceMerge.merge(roots, log: &log) else {
      return .refused(log.diagnostics())
    }
    var decoder = decoder(log)
    let decoded = decoder.decode(
      root, as: .object(ConfigurationKeys.root), name: "the configuration")
    var builder = SettingsBuilder(
      folder: FolderPath(folder), log: decoder.log, inspect: inspect)
    guard case .object(let object) = decoded.content else {
      return .refused(builder.log.diagnostics())
    }
    let settings = builder.settings(object)
    let diagnostics = builder.log.diagnostics()
    return builder.log.hasErrors ? .refused(diagnostics) : .loaded(settings, warnings: diagnostics)
  }

  /// Files of a folder.
  public static let mostFiles = 1000
}
