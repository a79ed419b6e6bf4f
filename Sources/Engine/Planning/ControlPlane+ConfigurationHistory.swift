import AdminAPI
import Configuration
import EventLoop
import Store

/// Where an accepted configuration came from.
struct ConfigurationOrigin: Sendable {
  /// `reload`, `apply` …
  var name: String
  /// Who says to have asked for it.
  var by: String?

  init(_ name: String, by: String? = nil) {
    self.name = name
    self.by = by
  }
}

/// Every configuration that was accepted, with its texts as they were written.
extension ControlPlane {
  /// Keeps what the engine runs on now, unless the newest entry says the same.
  /// - Parameter before: what it ran on until now.
  func remember(_ origin: ConfigurationOrigin, before: LoadedConfiguration) {
    guard configurationNumber == 0 || before.texts != loaded.texts else { return }
    keep(origin)
  }

  /// The configuration of a beginning is news unless the last engine ended with it.
  func rememberBeginning(_ newest: ConfigurationRecord?) {
    configurationNumber = newest?.number ?? 0
    guard newest?.files != loaded.filesText else { return }
    keep(ConfigurationOrigin("start"))
    auditBeginning(from: newest?.number, to: configurationNumber)
  }

  private func keep(_ origin: ConfigurationOrigin) {
    guard let files = loaded.filesText else { return }
    // A state from elsewhere may say that it is the last one there can be.
    configurationNumber &+= 1
    recorder.writer.write(
      .configuration(
        ConfigurationRecord(
          number: configurationNumber, at: Clock.wallTime, origin: origin.name, author: origin.by,
          file: loaded.path, files: files)))
  }

  /// Newest first.
  func configurationHistory() async -> AdminAnswer {
    await recorder.writer.flush()
    guard let records = try? await recorder.store.configurations() else {
      return .error(503, "unavailable", "the state cannot be read")
    }
    return .json(records.map { entry($0) })
  }

  func configurationEntry(_ text: String) async -> AdminAnswer {
    guard var entry = await historyEntry(text) else {
      return .notFound("configuration \(text)")
    }
    entry.files = entry.files?.map { file in
      ConfigurationTexts.File(name: file.name, text: HiddenSecrets.hide(file.text))
    }
    return .json(entry)
  }

  /// With its files.
  func historyEntry(_ text: String) async -> ConfigurationEntry? {
    await recorder.writer.flush()
    guard let number = Int64(text),
      let record = try? await recorder.store.configuration(number: number)
    else { return nil }
    var entry = entry(record)
    entry.files = AdminJSON.decode([ConfigurationTexts.File].self, Array(record.files.utf8))
    return entry
  }

  private func entry(_ record: ConfigurationRecord) -> ConfigurationEntry {
    ConfigurationEntry(
      number: record.number, at: record.at, origin: record.origin, by: record.author,
      file: record.file, bytes: record.bytes, isCurrent: record.number == configurationNumber)
  }
}

extension LoadedConfiguration {
  /// Whether it is a folder of files.
  var isFolder: Bool { !(sources.count == 1 && sources[0].path == path) }

  /// What is written, without where: files that are to be removed are not there.
  var texts: [ConfigurationTexts.File] {
    sources.filter { !isFolder || !$0.text.isEmpty }.map { source in
      let name = source.path.split(separator: "/").last.map(String.init) ?? source.path
      return ConfigurationTexts.File(name: name, text: source.text)
    }
  }

  var filesText: String? {
    AdminJSON.encode(texts).map { String(decoding: $0, as: UTF8.self) }
  }
}
