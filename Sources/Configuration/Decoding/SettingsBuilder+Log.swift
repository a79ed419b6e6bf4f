extension SettingsBuilder {
  mutating func logSettings(_ object: DecodedObject?) -> LogSettings {
    var log = LogSettings()
    guard let object else { return log }
    log.level = object.choice("level", LogSettings.Level.self) ?? log.level
    guard let access = object.object("access") else { return log }
    log.accessFormat = accessFormat(access)
    switch access.text("path") {
    case nil, "off": log.access = .off
    case "-": log.access = .standardOutput
    case let path?: log.access = .file(folder.absolute(path))
    }
    if let rotate = access.object("rotate"), let size = rotate.size("size") {
      log.rotation = LogSettings.Rotation(size: size, keep: rotate.integer("keep") ?? 5)
      if case .standardOutput = log.access {
        self.log.error(
          "standard output is no file that could be rotated",
          at: access.keyPlace("rotate") ?? access.place, help: "remove 'rotate', or name a file")
      }
    }
    return log
  }

  private mutating func accessFormat(_ access: DecodedObject) -> LogSettings.AccessFormat {
    let lists = ["requestHeaders", "responseHeaders"]
    let isJSON = access["template"] == nil && access.text("format") != "combined"
    for key in lists where access[key] != nil && !isJSON {
      log.error(
        "'\(key)' is for lines in JSON", at: access.keyPlace(key) ?? access.place,
        help: "write '${requestHeader:NAME}' or '${responseHeader:NAME}' into 'template'")
    }
    var format = LogSettings.AccessFormat.json(
      LoggedFieldNames(
        request: fieldNames(access, "requestHeaders"),
        response: fieldNames(access, "responseHeaders")))
    if access.text("format") == "combined" { format = .combined }
    // It was checked by the same reading.
    if let text = access.text("template"), let template = try? LogTemplate(text) {
      warnOfSecrets(template.fields.request + template.fields.response, access["template"]?.place)
      format = .template(template)
    }
    return format
  }

  private mutating func fieldNames(_ access: DecodedObject, _ key: String) -> [String] {
    var names: [String] = []
    for name in access.texts(key) ?? [] where !names.contains(name.lowercased()) {
      names.append(name.lowercased())
    }
    warnOfSecrets(names, access[key]?.place)
    return names
  }

  private mutating func warnOfSecrets(_ names: [String], _ place: SourceRange?) {
    let secrets = ["authorization", "proxy-authorization", "cookie", "set-cookie"]
    guard let place, let name = names.first(where: secrets.contains) else { return }
    log.warning(
      "the access log will hold \(Quoted.value(name)), with which anybody can act as the client",
      at: place, help: "leave it away, or let nobody else read the log")
  }
}
