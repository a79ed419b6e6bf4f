extension SettingsBuilder {
  mutating func health(_ object: DecodedObject?) -> HealthSettings {
    var health = HealthSettings()
    guard let object else { return health }
    if let http = object.object("http") {
      health.check = .http(httpCheck(http))
    } else if let https = object.object("https") {
      health.check = .https(httpCheck(https), tlsCheck(https))
    } else if let grpc = object.object("grpc") {
      health.check = .grpc(service: grpc.text("service") ?? "", nil)
    } else if let tls = object.object("tls") {
      health.check = .tls(tlsCheck(tls))
    } else if let command = command("command", of: object) {
      health.check = .command(command)
    } else if object["none"] != nil {
      health.check = .none
    }
    if let agent = object.object("agent"), let port = agent.integer("port") {
      health.agent = HealthSettings.Agent(port: UInt16(clamping: port))
      if let interval = agent.duration("interval") { health.agent?.interval = interval }
    }
    health.interval = object.duration("interval") ?? health.interval
    health.timeout = object.duration("timeout") ?? health.timeout
    health.rise = object.integer("rise") ?? health.rise
    health.fall = object.integer("fall") ?? health.fall
    return health
  }

  /// A program with its arguments; nil when the key isn't written, or was refused.
  mutating func command(_ key: String, of object: DecodedObject) -> CommandSettings? {
    guard let arguments = object.texts(key), let first = arguments.first else { return nil }
    if first.isEmpty {
      log.error(
        "the program's name is empty", at: object[key]?.place ?? object.place,
        help: "write its path")
    }
    return CommandSettings(arguments: arguments, directory: folder.path)
  }

  private func httpCheck(_ object: DecodedObject) -> HealthSettings.HTTPCheck {
    var check = HealthSettings.HTTPCheck()
    check.path = object.text("path") ?? check.path
    check.host = object.text("host")
    check.body = object.text("body")
    if let items = object.list("status") {
      check.status = items.compactMap { item in
        if case .statusRange(let range) = item.content { range } else { nil }
      }
    }
    return check
  }

  private mutating func tlsCheck(_ object: DecodedObject) -> HealthSettings.TLSCheck {
    var check = HealthSettings.TLSCheck()
    check.verify = object.boolean("verify") ?? check.verify
    check.ca = object.text("ca").map(folder.absolute)
    check.serverName = object.text("serverName")
    if !check.verify, check.ca != nil {
      log.error(
        "'ca' is of no use with 'verify: false'", at: object.keyPlace("ca") ?? object.place,
        help: "remove 'verify: false'; with the right 'ca' the certificate is good")
    }
    return check
  }
}
