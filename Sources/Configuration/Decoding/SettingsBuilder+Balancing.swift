extension SettingsBuilder {
  mutating func balance(_ service: DecodedObject) -> BalanceSettings? {
    if let name = service.text("balance") { return BalanceSettings(named: name) }
    guard let object = service.object("balance") else { return nil }
    var hash = HashSettings()
    if let texts = object.texts("key") {
      hash.keys = texts.compactMap { try? RequestKeySettings($0) }
    }
    hash.method = object.choice("method", HashSettings.Method.self) ?? hash.method
    hash.boundedLoad = object.share("boundedLoad")
    guard let name = object.text("algorithm") else { return nil }
    if name == "hash" { return .hash(hash) }
    for key in ["key", "method", "boundedLoad"] where object[key] != nil {
      log.error(
        "'\(key)' is for 'algorithm: hash', not for \(Quoted.value(name))",
        at: object.keyPlace(key) ?? object.place, help: "remove it, or write 'algorithm: hash'")
    }
    return BalanceSettings(named: name)
  }

  mutating func sticky(
    _ service: DecodedObject, beside balance: BalanceSettings?
  ) -> StickySettings? {
    guard let object = service.object("sticky") else { return nil }
    let ttl = object.duration("ttl")
    if case .hash? = balance {
      log.warning(
        "with 'sticky', the hash decides for a client's first request only",
        at: service.keyPlace("sticky") ?? object.place,
        help: "keep one of them, unless you mean just that")
    }
    if object.isIntended("source"), object["insert"] != nil, object["cookie"] == nil {
      log.error(
        "'insert' is for a cookie", at: object.keyPlace("insert") ?? object.place,
        help: "remove it, or write 'cookie: NAME' instead of 'source'")
    }
    if let cookie = object.text("cookie") {
      return object.boolean("insert") ?? true
        ? .inserted(cookie: cookie, ttl: ttl)
        : .learned(cookie: cookie, ttl: ttl ?? StickySettings.standardTTL)
    }
    if object.text("source") != nil { return .source(ttl: ttl ?? StickySettings.standardTTL) }
    if !object.isIntended("cookie"), !object.isIntended("source") {
      log.error(
        "the stickiness has neither 'cookie' nor 'source'", at: object.place.headOnly,
        help: "write 'cookie: BALLAST_NAME', or 'source: client-ip'")
    }
    return nil
  }

  mutating func ejection(_ object: DecodedObject?) -> EjectionSettings {
    var ejection = EjectionSettings()
    guard let object else { return ejection }
    ejection.failures = object.integer("failures") ?? ejection.failures
    ejection.window = object.duration("window") ?? ejection.window
    ejection.time = object.duration("time") ?? ejection.time
    ejection.longest = object.duration("longest") ?? max(ejection.longest, ejection.time)
    ejection.maxShare = object.share("max") ?? ejection.maxShare
    ejection.successRate = object.share("successRate") ?? ejection.successRate
    ejection.minimumRequests = object.integer("minimumRequests") ?? ejection.minimumRequests
    if ejection.longest < ejection.time {
      log.error(
        "the longest ejection, \(ejection.longest), is shorter than the first, \(ejection.time)",
        at: object.keyPlace("longest") ?? object.place,
        help: "write 'longest: \(ejection.time)' or more")
    }
    return ejection
  }

  /// nil for a service whose servers share the requests.
  mutating func standby(_ service: DecodedObject) -> StandbySettings? {
    let mode = service.choice("mode", ServiceMode.self) ?? .balanced
    guard mode == .primaryStandby else {
      // With a mode that is wrong otherwise, it isn't known what was meant.
      if service["standby"] != nil, service["mode"] == nil || service.text("mode") != nil {
        log.error(
          "'standby' is for 'mode: primary-standby'",
          at: service.keyPlace("standby") ?? service.place,
          help: "write that beside it, or remove it")
      }
      return nil
    }
    for key in ["balance", "sticky", "ejection", "slowStart", "panic"] where service[key] != nil {
      log.error(
        "'\(key)' has no meaning with 'mode: primary-standby'",
        at: service.keyPlace(key) ?? service.place,
        help: "remove it; one server is active, so there is nothing to choose")
    }
    var standby = StandbySettings()
    guard let object = service.object("standby") else { return standby }
    standby.promote = command("promote", of: object)
    standby.timeout = object.duration("timeout") ?? standby.timeout
    standby.switchBack =
      object.choice("switchBack", StandbySettings.SwitchBack.self) ?? standby.switchBack
    standby.after = object.duration("after") ?? standby.after
    if object["after"] != nil, standby.switchBack == .never,
      object["switchBack"] == nil || object.text("switchBack") != nil
    {
      log.error(
        "'after' is for 'switchBack: when-healthy'",
        at: object.keyPlace("after") ?? object.place, help: "write that beside it, or remove it")
    }
    return standby
  }

  /// What concerns the servers of a service with one active server.
  mutating func checkStandby(
    _ service: ServiceSettings, at place: SourceRange, _ object: DecodedObject,
    _ servers: [DecodedValue]
  ) {
    for item in servers {
      guard case .object(let server) = item.content else { continue }
      for key in ["weight", "priority", "backup"] where server[key] != nil {
        log.error(
          "'\(key)' of a server has no meaning with 'mode: primary-standby'",
          at: server.keyPlace(key) ?? server.place,
          help: "remove it; the order of the servers is the order of preference")
      }
    }
    if service.run == nil, servers.count == 1 {
      log.warning(
        "\(Quoted.value(service.name)) has one server, so none stands by", at: place,
        help: "add another one to 'servers'")
    }
    if !service.health.isWatched {
      log.warning(
        "\(Quoted.value(service.name)) has no health check, so no fault of its active server is noticed",
        at: object.keyPlace("health") ?? place, help: "write another check than 'none: {}'")
    }
  }
}
