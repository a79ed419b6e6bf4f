extension SettingsBuilder {
  /// - Returns: nil where no version needs a folder of its own.
  mutating func release(_ object: DecodedObject) -> ReleaseSettings? {
    let written = object.table("files")
    guard object["prepare"] != nil || !written.isEmpty else {
      for key in ["prepareTimeout", "keepReleases"] where object[key] != nil {
        log.error(
          "'\(key)' is of no use without 'prepare' or 'files'",
          at: object.keyPlace(key) ?? object.place, help: "remove it")
      }
      return nil
    }
    var release = ReleaseSettings(source: folder.path)
    release.prepare = object.texts("prepare") ?? []
    if let program = release.prepare.first {
      if program.isEmpty {
        log.error(
          "the program's name is empty", at: object["prepare"]?.place ?? object.place,
          help: "write its path")
      }
      if program.contains("/"), !program.hasPrefix("$") {
        release.prepare[0] = folder.absolute(program)
      }
    }
    release.timeout = object.duration("prepareTimeout") ?? release.timeout
    release.keep = object.integer("keepReleases") ?? release.keep
    release.files = written.compactMap { entry in file(entry) }
    let bytes = release.files.reduce(0) { $0 + $1.text.utf8.count }
    if bytes > ReleaseSettings.mostBytes {
      log.error(
        "the files have \(bytes) bytes together; the most is \(ReleaseSettings.mostBytes)",
        at: object.keyPlace("files") ?? object.place, help: "let 'prepare' copy large ones")
    }
    return release
  }

  private mutating func file(_ entry: DecodedEntry) -> ReleaseSettings.File? {
    guard isPlainName(entry) else { return nil }
    switch entry.value.content {
    case .text(let text): return ReleaseSettings.File(name: entry.key, text: text)
    case .object(let object):
      let mode = object.text("mode").flatMap { Int($0, radix: 8) }
      return ReleaseSettings.File(
        name: entry.key, text: object.text("text") ?? "", mode: mode ?? 0o640)
    default: return nil
    }
  }

  /// Names of files: what begins with a dot leads out of the folder, or is ours.
  private mutating func isPlainName(_ entry: DecodedEntry) -> Bool {
    guard entry.key.hasPrefix(".") else { return true }
    log.error(
      "\(Quoted.value(entry.key)) begins with a dot", at: entry.keyPlace,
      help: "write a name that begins with a letter or a digit")
    return false
  }

  mutating func secrets(_ object: DecodedObject) -> [SecretSettings] {
    object.table("secrets").compactMap { entry -> SecretSettings? in
      guard isPlainName(entry), case .object(let written) = entry.value.content else { return nil }
      let isVariable = written.text("as") == "variable"
      if isVariable, let problem = TextRule.environmentName.problem(with: entry.key) {
        log.error(problem.message, at: entry.keyPlace, help: problem.help)
      }
      if let path = written.text("file") {
        return SecretSettings(
          name: entry.key, source: .file(folder.absolute(path)), isVariable: isVariable)
      }
      if let variable = written.text("environment") {
        return SecretSettings(
          name: entry.key, source: .environment(variable), isVariable: isVariable)
      }
      if !written.isIntended("file"), !written.isIntended("environment") {
        log.error(
          "the secret \(Quoted.value(entry.key)) is nowhere", at: entry.keyPlace,
          help: "write 'file: PATH' or 'environment: NAME'")
      }
      return nil
    }
  }

  /// `${RELEASE}` and `${SECRETS}` stand for folders that have to be there.
  mutating func checkReferences(_ run: RunSettings, _ object: DecodedObject) {
    let texts = run.command + run.environment.map(\.value)
    let place = object.keyPlace("command") ?? object.place
    if run.release == nil, texts.contains(where: { $0.contains(ReleaseSettings.folderReference) }) {
      log.error(
        "'${RELEASE}' is no folder without 'prepare' or 'files'", at: place,
        help: "write one of them")
    }
    if !run.secrets.contains(where: { !$0.isVariable }),
      texts.contains(where: { $0.contains(ReleaseSettings.secretsReference) })
    {
      log.error(
        "'${SECRETS}' is no folder without 'secrets' that are files", at: place,
        help: "write them")
    }
  }
}
