import AdminAPI
import Configuration
import EventLoop
import Faults
import HealthChecking
import Primitives
import Supervision
import Topology

/// Another configuration, taken whole or refused whole.
extension ControlPlane {
  func reloadBySignal() async {
    await auditedReload()
    // Also after a refusal: the keeper tells its own supervisor that the reload is over.
    tell(.serving)
  }

  /// Reads the file again.
  func reload(by author: String? = nil) async -> Result<Void, ConfigurationRefusal> {
    await takingTurns { () async -> Result<Void, ConfigurationRefusal> in
      if let refusal = refusalOfChange { return .failure(refusal) }
      if loaded.isUnsaved {
        recorder.note(
          "config-unsaved-lost", .warning, "changes that were not saved give way to the file")
      }
      let result: Result<Void, ConfigurationRefusal>
      do throws(ConfigurationRefusal) {
        let new = try LoadedConfiguration.read(
          path: loaded.path, environment: environment, certificates: certificates.shelf)
        result = await apply(new, ConfigurationOrigin("reload", by: author))
      } catch {
        result = .failure(error)
      }
      count(result)
      dataPlane.reopenAccessLog()
      return result
    }
  }

  /// Changes one value of what the engine runs on.
  func set(
    _ value: ConfigurationValue, by author: String? = nil
  ) async -> Result<Void, ConfigurationRefusal> {
    await takingTurns { () async -> Result<Void, ConfigurationRefusal> in
      if let refusal = refusalOfChange { return .failure(refusal) }
      do throws(ConfigurationRefusal) {
        let sources = try edited(value)
        let new = try LoadedConfiguration.load(
          path: loaded.path, folder: loaded.folder, sources: sources, environment: environment,
          certificates: certificates.shelf)
        return await apply(new, ConfigurationOrigin("set \(value.path)", by: author))
      } catch {
        return .failure(error)
      }
    }
  }

  /// Writes what the engine runs on to the files that differ.
  func save() async -> Result<Void, ConfigurationRefusal> {
    await takingTurns { () async -> Result<Void, ConfigurationRefusal> in
      if let refusal = refusalOfChange { return .failure(refusal) }
      return saveSources().map { .failure($0) } ?? .success(())
    }
  }

  /// - Returns: why the files do not say what the engine runs on; nil when they do.
  func saveSources() -> ConfigurationRefusal? {
    for index in loaded.sources.indices {
      let source = loaded.sources[index]
      guard source.text != source.onDisk else { continue }
      do throws(SavedFile.Failure) {
        try source.save()
      } catch {
        return ConfigurationRefusal(message: error.description)
      }
      loaded.sources[index].onDisk = source.text
      recorder.note("config-saved", "the configuration was written to \(source.path)")
    }
    // What became empty was removed.
    if loaded.isFolder { loaded.sources.removeAll { $0.text.isEmpty && $0.onDisk.isEmpty } }
    keepConfiguration()
    return nil
  }

  var refusalOfChange: ConfigurationRefusal? {
    if drain != nil { return ConfigurationRefusal(message: "Ballast stops") }
    if isRetired {
      return ConfigurationRefusal(message: "another engine has taken over: ask again")
    }
    return nil
  }

  /// Without what is secret in it.
  func value(at path: String) -> String? {
    for source in loaded.sources {
      let text = HiddenSecrets.hide(source.text)
      if let value = ConfigurationEditor(text).value(at: path) { return value }
    }
    return nil
  }

  /// The text that has the value, or the nearest map above it, gets the new one.
  private func edited(
    _ value: ConfigurationValue
  ) throws(ConfigurationRefusal) -> [LoadedConfiguration.Source] {
    var sources = loaded.sources
    var keys = value.path.split(separator: ".", omittingEmptySubsequences: false)[...]
    var place = sources.indices.first
    while !keys.isEmpty {
      let path = keys.joined(separator: ".")
      if let found = sources.indices.first(where: {
        ConfigurationEditor(sources[$0].text).value(at: path) != nil
      }) {
        place = found
        break
      }
      keys.removeLast()
    }
    guard let place else { throw ConfigurationRefusal(message: "there is no file to change") }
    do {
      sources[place].text = try ConfigurationEditor(sources[place].text).setting(
        value.path, to: value.value)
    } catch {
      throw ConfigurationRefusal(message: error.description)
    }
    return sources
  }

  // MARK: Taking it

  func apply(
    _ new: LoadedConfiguration, _ origin: ConfigurationOrigin
  ) async -> Result<Void, ConfigurationRefusal> {
    let change = ConfigurationChange(from: loaded.settings, to: new.settings)
    var answers: [(ListenerSettings, ListeningAnswer)] = []
    for listener in change.opened {
      switch await listen(listener) {
      case .success(let answer): answers.append((listener, answer))
      case .failure(let failure):
        dropSockets(answers)
        return .failure(
          ConfigurationRefusal(
            message: "the listener \(listener.name) cannot listen: \(failure.message)"))
      }
    }
    var admins: [(label: String, address: SocketAddress, answer: ListeningAnswer)] = []
    let newAdmins = Self.newAdminLabels(of: new.settings.admin, besides: loaded.settings.admin)
    for (label, address) in newAdmins {
      switch await listen(label, address, sockets: 1) {
      case .success(let answer): admins.append((label, address, answer))
      case .failure(let failure):
        dropSockets(answers)
        dropAdmins(admins)
        return .failure(
          ConfigurationRefusal(
            message: "the admin API cannot listen at \(address): \(failure.message)"))
      }
    }
    do throws(EventLoop.SystemError) {
      try programLog.follow(change.settings.log.target)
      let exporter = try dataPlane.exporter(for: change.settings.traces)
      try dataPlane.setAccessLog(change.settings.log)
      dataPlane.trace(change.settings.traces, to: exporter)
    } catch {
      try? programLog.follow(loaded.settings.log.target)
      dropSockets(answers)
      dropAdmins(admins)
      return .failure(ConfigurationRefusal(message: "\(error)"))
    }
    let before = loaded
    loaded = new
    loaded.settings = change.settings
    loaded.keysNeedingUpgrade = change.needingUpgrade
    log.level = loaded.settings.log.level
    input.settings = loaded.settings
    recallCounts(from: counts(of: before.settings))
    followRuns()
    followScales()
    followTuning()
    recordForSinks()
    health.follow(input)
    forgetUnchecked()
    followCertificates()
    publish()
    if before.settings.bans != loaded.settings.bans { followBans() }
    if before.settings.state != loaded.settings.state { followBackups() }
    if before.settings.faults != loaded.settings.faults {
      recorder.handle(.policyChanged(FaultPolicy(quiet: loaded.settings.faults.quiet)))
    }
    if before.settings.audit != loaded.settings.audit { followAuditHeads() }
    followAlerts()
    for (listener, answer) in answers {
      boundAddresses[listener.name] = answer.address
      dataPlane.listen(
        identities.listener(listener.name), descriptors: answer.descriptors,
        isDatagram: listener.protocol == .udp)
    }
    closeListeners(change, before: before.settings)
    moveAdmin(from: before.settings.admin, to: admins)
    tellServers()
    keepConfiguration()
    remember(origin, before: before)
    report(change, new)
    return .success(())
  }

  /// The old sockets stay; those under a label that the old configuration has as well are its own.
  private func dropSockets(_ answers: [(ListenerSettings, ListeningAnswer)]) {
    let used = labels(of: loaded.settings)
    for (listener, answer) in answers {
      Descriptor.close(answer.descriptors)
      let label = Self.label(listener)
      if !used.contains(label) { tell(.unlisten(name: label)) }
    }
  }

  private func dropAdmins(
    _ answers: [(label: String, address: SocketAddress, answer: ListeningAnswer)]
  ) {
    for (label, _, answer) in answers {
      Descriptor.close(answer.descriptors)
      tell(.unlisten(name: label))
    }
  }

  private func closeListeners(_ change: ConfigurationChange, before: Settings) {
    for name in change.closed {
      boundAddresses[name] = nil
      if let id = identities.knownListener(name) { dataPlane.unlisten(id) }
    }
    for label in labels(of: before).subtracting(labels(of: loaded.settings)) {
      tell(.unlisten(name: label))
    }
  }

  func labels(of settings: Settings) -> Set<String> {
    Set(settings.listeners.map(Self.label))
  }

  private func counts(of settings: Settings) -> [String: Int] {
    var counts: [String: Int] = [:]
    for service in settings.services { counts[service.name] = service.run?.replicas }
    return counts
  }

  /// What checks found is no more true once there are other checks, or none.
  private func forgetUnchecked() {
    for name in input.conditions.keys where health[name] == nil {
      input.conditions[name]?.health = .unknown
      input.conditions[name]?.agentWeight = nil
      input.conditions[name]?.agentDrains = false
    }
    for watch in health.all {
      input.conditions[watch.name, default: ServerCondition()].health = .init(watch.state)
    }
  }

  private func report(_ change: ConfigurationChange, _ new: LoadedConfiguration) {
    recorder.note(
      "config-reloaded", "the configuration of \(new.path) is in use, topology \(snapshot.version)")
    for key in change.needingUpgrade {
      recorder.note(
        "config-needs-upgrade", .warning, LoadedConfiguration.remark(ofKeyNeedingUpgrade: key))
    }
    for warning in new.warnings {
      recorder.note(
        "config-warning", .warning, "\(warning.file):\(warning.line): \(warning.message)")
    }
  }

  private func count(_ result: Result<Void, ConfigurationRefusal>) {
    switch result {
    case .success: reloadCounts["success", default: 0] += 1
    case .failure(let refusal):
      reloadCounts["failure", default: 0] += 1
      recorder.note(
        "config-refused", .error, "the configuration stays as it was: \(refusal.message)")
      for detail in refusal.details.prefix(Self.shownDetails) { log.show(detail) }
    }
  }

  static let shownDetails = 20

  /// One after the other: an answer of the keeper is waited for in the midst of each.
  func takingTurns<Value: Sendable>(_ body: () async -> Value) async -> Value {
    await takeTurn()
    defer { endTurn() }
    return await body()
  }

  func takeTurn() async {
    while reloads.isTaken {
      await withCheckedContinuation { reloads.waiting.append($0) }
    }
    reloads.isTaken = true
  }

  func endTurn() {
    reloads.isTaken = false
    if !reloads.waiting.isEmpty { reloads.waiting.removeFirst().resume() }
  }
}
