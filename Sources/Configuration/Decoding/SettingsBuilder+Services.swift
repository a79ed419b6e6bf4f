import Primitives

extension SettingsBuilder {
  mutating func service(
    named name: String, at place: SourceRange, _ object: DecodedObject
  ) -> ServiceSettings {
    var service = ServiceSettings(name: name)
    let written = object.list("servers") ?? []
    service.servers = servers(written)
    service.balance = object.text("balance").flatMap(BalanceSettings.init(named:))
    service.health = health(object.object("health"))
    service.retries = retries(object.object("retries"))
    service.timeouts = timeouts(object.object("timeouts"))
    service.limits = limits(object.object("limits"))
    if let run = object.object("run") { service.run = self.run(run) }
    // Servers that are wrong otherwise were reported already.
    let isEmpty = object.list("servers")?.isEmpty ?? !object.isIntended("servers")
    if isEmpty, !object.isIntended("run") {
      log.error(
        "the service \(Quoted.value(name)) has no servers", at: place,
        help: "write 'servers: [ \"10.0.0.11:8080\" ]', or 'run: …' to start them here")
    }
    if service.run == nil, !service.servers.isEmpty, service.servers.allSatisfy(\.isBackup),
      service.servers.count == written.count
    {
      log.warning(
        "all servers of \(Quoted.value(name)) are backups", at: place,
        help: "one of them at least should have no 'backup: true'")
    }
    return service
  }

  private mutating func servers(_ items: [DecodedValue]) -> [ServerSettings] {
    var servers: [ServerSettings] = []
    var names: [String: SourceRange] = [:]
    var addresses: [SocketAddress: SourceRange] = [:]
    for item in items {
      guard let server = server(item) else { continue }
      if let first = names[server.name] {
        log.error(
          "two servers have the name \(Quoted.value(server.name))", at: item.place,
          help: log.isFull ? nil : "the first is at \(log.describe(first)); name one differently")
      } else if let first = addresses[server.address] {
        log.warning(
          "two servers have the address \(server.address)", at: item.place,
          help: log.isFull ? nil : "the first is at \(log.describe(first))")
      }
      names[server.name] = names[server.name] ?? item.place
      addresses[server.address] = addresses[server.address] ?? item.place
      servers.append(server)
    }
    return servers
  }

  private func server(_ item: DecodedValue) -> ServerSettings? {
    switch item.content {
    case .address(let address, let written): return ServerSettings(name: written, address: address)
    case .object(let object):
      guard let (address, written) = object.address("address") else { return nil }
      return ServerSettings(
        name: object.text("name") ?? written, address: address,
        weight: object.integer("weight") ?? 1, priority: object.boolean("backup") == true ? 1 : 0)
    default: return nil
    }
  }

  private mutating func health(_ object: DecodedObject?) -> HealthSettings {
    var health = HealthSettings()
    guard let object else { return health }
    if let http = object.object("http") {
      health.check = .http(httpCheck(http))
    } else if object["none"] != nil {
      health.check = .none
    } else if object["tcp"] != nil {
      health.check = .tcp
    }
    health.interval = object.duration("interval") ?? health.interval
    health.timeout = object.duration("timeout") ?? health.timeout
    health.rise = object.integer("rise") ?? health.rise
    health.fall = object.integer("fall") ?? health.fall
    return health
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

  private func retries(_ object: DecodedObject?) -> RetrySettings {
    var retries = RetrySettings()
    guard let object else { return retries }
    retries.attempts = object.integer("attempts") ?? retries.attempts
    retries.budget = object.share("budget") ?? retries.budget
    retries.perTryTimeout = object.duration("perTryTimeout")
    if let texts = object.texts("on") {
      retries.conditions = texts.compactMap(RetrySettings.Condition.init(rawValue:))
    }
    return retries
  }

  private func timeouts(_ object: DecodedObject?) -> TimeoutSettings {
    var timeouts = TimeoutSettings()
    guard let object else { return timeouts }
    timeouts.connect = object.duration("connect") ?? timeouts.connect
    timeouts.response = object.duration("response") ?? timeouts.response
    timeouts.idle = object.duration("idle") ?? timeouts.idle
    timeouts.total = object.duration("total") ?? timeouts.total
    return timeouts
  }

  private func limits(_ object: DecodedObject?) -> LimitSettings {
    var limits = LimitSettings()
    guard let object else { return limits }
    limits.connections = object.integer("connections") ?? limits.connections
    limits.requests = object.integer("requests") ?? limits.requests
    limits.queue = object.integer("queue") ?? limits.queue
    limits.queueTimeout = object.duration("queueTimeout") ?? limits.queueTimeout
    return limits
  }

  private mutating func run(_ object: DecodedObject) -> RunSettings {
    let directory = object.text("directory") ?? "."
    var run = RunSettings(
      command: object.texts("command") ?? [], directory: folder.absolute(directory))
    if run.command.first == "", let command = object["command"] {
      log.error("the program's name is empty", at: command.place, help: "write its path")
    }
    run.replicas = object.integer("replicas") ?? run.replicas
    run.version = object.text("version")
    for entry in object.table("environment") {
      if case .text(let value) = entry.value.content {
        run.environment.append(EnvironmentVariable(name: entry.key, value: value))
      }
    }
    if let resources = object.object("resources") {
      run.resources = ResourceSettings(
        cpu: resources.number("cpu"), memory: resources.size("memory"))
    }
    if let stop = object.object("stop") {
      run.stop.signal = stop.choice("signal", StopSettings.Signal.self) ?? run.stop.signal
      run.stop.timeout = stop.duration("timeout") ?? run.stop.timeout
    }
    return run
  }
}
