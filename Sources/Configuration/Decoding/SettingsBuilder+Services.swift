import Primitives
import Topology

extension SettingsBuilder {
  mutating func service(
    named name: String, at place: SourceRange, _ object: DecodedObject
  ) -> ServiceSettings {
    var service = ServiceSettings(name: name)
    service.protocol = object.choice("protocol", ServiceProtocol.self) ?? service.protocol
    service.proxyHeader = object.choice("sendProxyProtocol", ProxyHeaderVersion.self)
    let written = object.list("servers") ?? []
    service.servers = servers(written)
    if let run = object.object("run") { service.run = self.run(run) }
    behaviour(object, of: &service)
    service.scale = scale(object)
    service.tune = tune(object, beside: service.balance)
    service.deploy = deploy(object)
    service.objectives = objectives(object)
    service.compression = compression(object)
    secure(&service, object)
    secureCheck(of: &service, object.object("health"))
    checkTransport(of: &service, object)
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
        help: "one of them at least should have no 'backup: true' and no 'priority'")
    }
    if service.standby != nil { checkStandby(service, at: place, object, written) }
    return service
  }

  /// What `ConfigurationKeys.serviceBehaviour` has.
  mutating func behaviour(_ object: DecodedObject, of service: inout ServiceSettings) {
    service.standby = standby(object)
    service.balance = balance(object)
    service.sticky = sticky(object, beside: service.balance)
    service.health = health(object.object("health"))
    service.ejection = ejection(object.object("ejection"))
    service.slowStart = object.duration("slowStart") ?? service.slowStart
    service.panic = object.share("panic") ?? service.panic
    service.retries = retries(object.object("retries"))
    service.timeouts = timeouts(object.object("timeouts"))
    service.limits = limits(object.object("limits"))
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

  private mutating func server(_ item: DecodedValue) -> ServerSettings? {
    switch item.content {
    case .address(let address, let written): return ServerSettings(name: written, address: address)
    case .object(let object):
      let priority = priority(object)
      guard let (address, written) = object.address("address") else { return nil }
      return ServerSettings(
        name: object.text("name") ?? written, address: address,
        weight: object.integer("weight") ?? 1, zone: object.text("zone"), priority: priority)
    default: return nil
    }
  }

  private mutating func priority(_ object: DecodedObject) -> Int {
    let (priority, isBackup) = (object.integer("priority"), object.boolean("backup"))
    if let priority, let isBackup, isBackup != (priority > 0) {
      log.error(
        "'backup: \(isBackup)' and 'priority: \(priority)' say different things",
        at: object.keyPlace("backup") ?? object.place,
        help: "keep 'priority'; a backup's is 1 or more")
      return 0
    }
    return priority ?? (isBackup == true ? 1 : 0)
  }

  private func retries(_ object: DecodedObject?) -> RetrySettings {
    var retries = RetrySettings()
    guard let object else { return retries }
    retries.attempts = object.integer("attempts") ?? retries.attempts
    retries.budget = object.share("budget") ?? retries.budget
    retries.perTryTimeout = object.duration("perTryTimeout")
    retries.hedge = object.duration("hedge")
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
    limits.isAdaptive = object.boolean("adaptive") ?? limits.isAdaptive
    return limits
  }
}
