import AdminAPI
import Configuration
import EventLoop
import Glibc
import Topology

/// Other texts in the place of those that the engine runs on: whole, or not at all.
extension ControlPlane {
  /// `PUT /v1/config`.
  func applyTexts(_ request: AdminRequest) async -> AdminAnswer {
    guard let texts = AdminJSON.decode(ConfigurationTexts.self, request.body) else {
      return .error(400, "invalid", Self.textsExample)
    }
    return await take(texts, ConfigurationOrigin("apply", by: request.author))
  }

  /// `POST /v1/config/history/{number}/rollback`.
  func rollBackConfiguration(_ text: String, _ request: AdminRequest) async -> AdminAnswer {
    guard let order = AdminJSON.decode(ConfigurationTexts.self, request.body) else {
      return .error(400, "invalid", #"the body must be like {} or {"strict":true}"#)
    }
    guard let entry = await historyEntry(text) else { return .notFound("configuration \(text)") }
    var texts = order
    texts.files = entry.files
    texts.isFolder = loaded.isFolder
    return await take(
      texts, ConfigurationOrigin("rollback to \(entry.number)", by: request.author))
  }

  private func take(_ texts: ConfigurationTexts, _ origin: ConfigurationOrigin) async -> AdminAnswer
  {
    await takingTurns { () async -> AdminAnswer in
      if let refusal = refusalOfChange { return .error(409, "conflict", refusal.message) }
      let new: LoadedConfiguration
      do throws(ConfigurationRefusal) {
        new = try candidate(texts)
      } catch {
        return .error(422, "invalid", error.message, details: error.details)
      }
      if texts.strict == true {
        let plan = await plan(for: new)
        if plan.isUnderCapacity {
          let risks = plan.risks.filter { $0.severity != .info }
          return .error(
            409, "under-capacity", "it may fall under the load on the way",
            details: risks.map { "\($0.service.map { "\($0): " } ?? "")\($0.message)" })
        }
      }
      let changed = new.settings != loaded.settings || new.texts != loaded.texts
      let rollouts = rollouts(new.settings)
      if changed, case .failure(let refusal) = await apply(new, origin) {
        return .error(409, "refused", refusal.message, details: refusal.details)
      }
      let problem = texts.unsaved == true ? nil : saveSources()?.message
      await recorder.writer.flush()
      return .json(
        ConfigurationApplied(
          number: configurationNumber, file: loaded.path, topologyVersion: snapshot.version,
          changed: changed, saved: texts.unsaved == true ? nil : problem == nil,
          problem: problem, rollouts: rollouts, warnings: loaded.remarks))
    }
  }

  /// What the texts mean here: relative paths are those of the configuration that runs.
  func candidate(
    _ texts: ConfigurationTexts
  ) throws(ConfigurationRefusal) -> LoadedConfiguration {
    guard let files = try texts.files.map(withSecrets) else {
      return try LoadedConfiguration.read(
        path: loaded.path, environment: environment, certificates: certificates.shelf)
    }
    guard texts.isFolder ?? false == loaded.isFolder, loaded.isFolder || files.count == 1 else {
      let kind = loaded.isFolder ? "folder" : "file"
      throw ConfigurationRefusal(
        message: "Ballast runs on the \(kind) \(loaded.path): name a \(kind)")
    }
    let shown = files.map {
      LoadedConfiguration.Source(path: $0.name, text: $0.text, onDisk: $0.text)
    }
    // Messages name the files as whoever sent them does.
    let path = loaded.isFolder ? "the folder" : files[0].name
    var new = try LoadedConfiguration.load(
      path: path, folder: loaded.folder, sources: shown, environment: environment,
      certificates: certificates.shelf)
    new.path = loaded.path
    new.sources = try own(files)
    return new
  }

  /// What was shown instead of a secret means the one that holds.
  private func withSecrets(
    _ files: [ConfigurationTexts.File]
  ) throws(ConfigurationRefusal) -> [ConfigurationTexts.File] {
    let current = loaded.sources.map(\.text)
    var restored: [ConfigurationTexts.File] = []
    for file in files {
      do throws(ConfigurationEditor.Problem) {
        let text = try HiddenSecrets.restore(file.text, from: current)
        restored.append(ConfigurationTexts.File(name: file.name, text: text))
      } catch {
        throw ConfigurationRefusal(message: "\(file.name): \(error)")
      }
    }
    return restored
  }

  /// The texts under the paths of this Ballast's own files. A file that isn't among them becomes an
  /// empty one, which saving removes.
  private func own(
    _ files: [ConfigurationTexts.File]
  ) throws(ConfigurationRefusal) -> [LoadedConfiguration.Source] {
    var sources: [LoadedConfiguration.Source] = []
    for file in files {
      let path = loaded.isFolder ? try path(ofFileNamed: file.name) : loaded.path
      guard !sources.contains(where: { $0.path == path }) else {
        throw ConfigurationRefusal(message: "\(path) is there twice")
      }
      let onDisk = loaded.sources.first { $0.path == path }?.onDisk ?? ""
      let isThere = (try? ConfigurationFiles.text(path)) == file.text
      sources.append(
        LoadedConfiguration.Source(
          path: path, text: file.text, onDisk: isThere ? file.text : onDisk))
    }
    for source in loaded.sources where !sources.contains(where: { $0.path == source.path }) {
      let isGone = unsafe access(source.path, F_OK) != 0
      sources.append(
        LoadedConfiguration.Source(
          path: source.path, text: "", onDisk: isGone ? "" : source.onDisk))
    }
    return sources
  }

  private func path(
    ofFileNamed name: String
  ) throws(ConfigurationRefusal) -> String {
    let last = name.split(separator: "/", omittingEmptySubsequences: false).last ?? ""
    guard last.hasSuffix(".yaml"), !last.hasPrefix("."), !last.utf8.contains(0) else {
      throw ConfigurationRefusal(message: "a file of the folder ends in .yaml: '\(last)' does not")
    }
    return loaded.path.hasSuffix("/") ? "\(loaded.path)\(last)" : "\(loaded.path)/\(last)"
  }
}
