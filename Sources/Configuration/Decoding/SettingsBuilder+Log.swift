import Primitives

extension SettingsBuilder {
  mutating func logSettings(_ object: DecodedObject?) -> LogSettings {
    var log = LogSettings()
    guard let object else { return log }
    log.level = object.choice("level", LogSettings.Level.self) ?? log.level
    if let journald = journald(object) { log.target = .journald(journald) }
    if let syslog = syslog(object) { log.target = .syslog(syslog) }
    guard let access = object.object("access") else { return log }
    log.accessFormat = accessFormat(access)
    log.access = accessTarget(access)
    if let sample = access.object("sample"), let share = sample.share("share") {
      log.sampling = LogSampling(share: share, slow: sample.duration("slow"))
    }
    if let rotate = access.object("rotate"), let size = rotate.size("size") {
      log.rotation = LogSettings.Rotation(size: size, keep: rotate.integer("keep") ?? 5)
      if case .off = log.access { return log }
      guard case .file = log.access else {
        let name = if case .standardOutput = log.access { "standard output" } else { "that" }
        self.log.error(
          "\(name) is no file that could be rotated",
          at: access.keyPlace("rotate") ?? access.place, help: "remove 'rotate', or name a file")
        return log
      }
    }
    return log
  }

  private mutating func accessTarget(_ access: DecodedObject) -> LogSettings.AccessTarget {
    let names = ["path", "journald", "syslog"]
    // What is wrong in itself was told already.
    let intended = names.filter { name in
      if case .boolean(false)? = access[name]?.content { return false }
      return access.isIntended(name)
    }
    if intended.count > 1 {
      log.error(
        "the access log has '\(intended[0])' and '\(intended[1])', which exclude one another",
        at: access.keyPlace(intended[1]) ?? access.place, help: "keep one of them")
    }
    if let journald = journald(access) { return .journald(journald) }
    if let syslog = syslog(access) { return .syslog(syslog) }
    switch access.text("path") {
    case nil:
      if intended.isEmpty {
        log.error(
          "'path' is missing in the access log", at: access.place,
          help: "for example 'path: ./access.log'; or write 'journald' or 'syslog'")
      }
      return .off
    case "off": return .off
    case "-": return .standardOutput
    case let path?: return .file(folder.absolute(path))
    }
  }

  /// nil where it isn't written, and for `false`.
  private mutating func journald(_ object: DecodedObject) -> JournaldSettings? {
    var journald = JournaldSettings()
    switch object["journald"]?.content {
    case .boolean(true)?: return journald
    case .object(let written)?:
      journald.socket = written.text("socket").map(folder.absolute) ?? journald.socket
      if journald.socket.utf8.count > SocketAddress.longestUnixPath {
        log.error(
          "the socket's path has \(journald.socket.utf8.count) bytes with its folder; the most is "
            + "\(SocketAddress.longestUnixPath)", at: written["socket"]?.place ?? written.place,
          help: "leave it away for \(JournaldSettings.usualSocket)")
      }
      journald.identifier = identifier(written) ?? journald.identifier
      return journald
    default: return nil
    }
  }

  private mutating func syslog(_ object: DecodedObject) -> SyslogSettings? {
    guard let written = object.object("syslog"), let (address, _) = written.address("address")
    else {
      return nil
    }
    var syslog = SyslogSettings(address: address)
    let transport = written.choice("transport", SyslogSettings.Transport.self)
    if case .unix = address, let transport {
      log.error(
        "a unix socket is spoken to in datagrams, not by \(transport.rawValue)",
        at: written["transport"]?.place ?? written.place, help: "remove 'transport'")
    }
    syslog.transport = transport ?? syslog.transport
    syslog.facility =
      written.choice("facility", SyslogSettings.Facility.self) ?? syslog.facility
    syslog.identifier = identifier(written) ?? syslog.identifier
    return syslog
  }

  /// RFC 5424 section 6: of `APP-NAME`.
  private static let longestIdentifier = 48

  private mutating func identifier(_ object: DecodedObject) -> String? {
    guard let name = object.text("identifier") else { return nil }
    if name.utf8.count > Self.longestIdentifier {
      log.error(
        "the identifier has \(name.utf8.count) bytes; the most is \(Self.longestIdentifier)",
        at: object["identifier"]?.place ?? object.place, help: "write a shorter one")
    }
    return name
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
