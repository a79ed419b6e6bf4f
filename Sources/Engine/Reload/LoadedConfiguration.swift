import Configuration
import EventLoop

/// A configuration that was accepted: its texts and what they mean.
struct LoadedConfiguration: Sendable {
  struct Source: Codable, Sendable, Equatable {
    var path: String
    /// What the engine runs on.
    var text: String
    /// What the file said when it was read or written last.
    var onDisk: String
  }

  /// As given on the command line: a file, or a folder.
  var path: String
  /// Where relative paths start.
  var folder: String
  var sources: [Source]
  var settings: Settings
  var warnings: [Diagnostic] = []
  /// Keys that hold only from the next engine on.
  var keysNeedingUpgrade: [String] = []

  var isUnsaved: Bool { sources.contains { $0.text != $0.onDisk } }

  var configurationSources: [ConfigurationSource] {
    sources.map { ConfigurationSource(path: $0.path, text: $0.text) }
  }

  /// For the operator who changed it.
  var remarks: [String] {
    keysNeedingUpgrade.map { Self.remark(ofKeyNeedingUpgrade: $0) }
      + warnings.map { "\($0.file):\($0.line): \($0.message)" }
  }

  static func remark(ofKeyNeedingUpgrade key: String) -> String {
    "\(key) changed, and holds only after `ballast upgrade`; the old value stays until then"
  }

  /// The one text, or those of a folder behind one another, each under its name.
  var text: String {
    if sources.count == 1 { return sources[0].text }
    return sources.map { "# \($0.path)\n\($0.text)" }.joined(separator: "\n")
  }

  /// The same without what is secret in it.
  var shownText: String {
    var shown = self
    for place in shown.sources.indices {
      shown.sources[place].text = HiddenSecrets.hide(shown.sources[place].text)
    }
    return shown.text
  }
}

/// Why a configuration was refused.
struct ConfigurationRefusal: Error, Sendable {
  var message: String
  /// `FILE:LINE:COLUMN: error: …`, one an item.
  var details: [String] = []
}

extension LoadedConfiguration {
  /// Reads the files at `path` and takes what they say, or refuses them whole.
  static func read(
    path: String, environment: [String: String], certificates: CertificateShelf
  ) throws(ConfigurationRefusal) -> LoadedConfiguration {
    let files: ConfigurationFiles
    do {
      files = try ConfigurationFiles.read(path: path)
    } catch {
      throw ConfigurationRefusal(message: error.description)
    }
    let sources = files.sources.map { Source(path: $0.path, text: $0.text, onDisk: $0.text) }
    return try load(
      path: path, folder: files.folder, sources: sources, environment: environment,
      certificates: certificates)
  }

  static func load(
    path: String, folder: String, sources: [Source], environment: [String: String],
    certificates: CertificateShelf
  ) throws(ConfigurationRefusal) -> LoadedConfiguration {
    let loader = ConfigurationLoader(
      environment: environment, folder: folder, readFile: { try ConfigurationFiles.text($0) },
      inspect: { certificates.inspect($0, now: Clock.wallTime) })
    switch loader.load(sources.map { ConfigurationSource(path: $0.path, text: $0.text) }) {
    case .loaded(let settings, let warnings):
      return LoadedConfiguration(
        path: path, folder: folder, sources: sources, settings: settings, warnings: warnings)
    case .refused(let diagnostics):
      let errors = diagnostics.count { $0.severity == .error }
      throw ConfigurationRefusal(
        message: "\(path) has \(errors == 1 ? "an error" : "\(errors) errors")",
        details: diagnostics.map { $0.rendered(color: false) })
    }
  }
}

/// What the keeper holds for the next engine, in memory: the configuration, in case that it finds the file
/// broken, and what session tickets are sealed with. Other versions leave out what they don't know.
struct KeptConfiguration: Codable {
  var folder: String
  var sources: [LoadedConfiguration.Source]
  var tickets: KeptTickets?

  init(_ loaded: LoadedConfiguration, tickets: KeptTickets?) {
    folder = loaded.folder
    sources = loaded.sources
    self.tickets = tickets
  }

  var text: String? { AdminJSON.encode(self).map { String(decoding: $0, as: UTF8.self) } }

  init?(text: String) {
    guard let kept = AdminJSON.decode(KeptConfiguration.self, Array(text.utf8)) else { return nil }
    self = kept
  }
}
