import Primitives

/// `events: { buffer, sinks }`.
extension SettingsBuilder {
  mutating func events(_ object: DecodedObject?) -> EventSettings {
    var events = EventSettings()
    guard let object else { return events }
    events.buffer = object.size("buffer") ?? events.buffer
    let entries = object.table("sinks")
    if entries.count > ConfigurationKeys.mostSinks {
      log.error(
        "there are \(entries.count) sinks; the most is \(ConfigurationKeys.mostSinks)",
        at: object.keyPlace("sinks") ?? object.place,
        help: "let one of them pass on what it is told")
    }
    events.sinks = entries.compactMap { entry in
      guard case .object(let object) = entry.value.content else { return nil }
      return sink(named: entry.key, object)
    }
    return events
  }

  private mutating func sink(named name: String, _ object: DecodedObject) -> EventSinkSettings? {
    var sink: EventSinkSettings
    if let nats = object.object("nats") {
      sink = EventSinkSettings(
        name: name, target: .nats(natsSettings(nats)),
        servers: servers(nats, NATSSettings.usualPort))
      reach(&sink, nats)
    } else if let redis = object.object("redis") {
      sink = EventSinkSettings(
        name: name, target: .redis(redisSettings(redis)),
        servers: servers(redis, RedisSettings.usualPort))
      reach(&sink, redis)
    } else {
      if !object.isIntended("nats"), !object.isIntended("redis") {
        log.error(
          "the sink does not say what it is", at: object.place.headOnly,
          help: "write 'nats: { servers: … }' or 'redis: { servers: … }'")
      }
      return nil
    }
    if let words = object.texts("send") {
      sink.content = Set(words.compactMap(EventSinkSettings.Content.init(rawValue:)))
    }
    return sink
  }

  private mutating func servers(_ object: DecodedObject, _ usualPort: UInt16) -> [HostAndPort] {
    var servers: [HostAndPort] = []
    for item in object.list("servers") ?? [] {
      guard case .text(let text) = item.content else { continue }
      guard let server = HostAndPort(text, usualPort: usualPort) else {
        log.error(
          "\(Quoted.value(text)) is no server", at: item.place,
          help: "write a host, such as bus.example.com, or one with a port, such as "
            + "\"bus.example.com:\(usualPort)\"")
        continue
      }
      servers.append(server)
    }
    return servers
  }

  private mutating func natsSettings(_ object: DecodedObject) -> NATSSettings {
    var nats = NATSSettings()
    nats.isJetStream = object.boolean("jetstream") ?? true
    nats.token = object.text("token")
    if let subject = object.text("subject") {
      nats.subject = subject
      let words = subject.split(separator: ".", omittingEmptySubsequences: false)
      let isGood = words.allSatisfy { word in
        !word.isEmpty && word.utf8.allSatisfy { $0 > 32 && $0 != 127 && $0 != 42 && $0 != 62 }
      }
      if !isGood || subject.hasPrefix("$") || subject.hasPrefix("_INBOX") {
        log.error(
          "\(Quoted.value(subject)) is no subject to publish under",
          at: object["subject"]?.place ?? object.place,
          help: "write words with points between, such as ops.ballast, without '*', '>' and space")
      }
    }
    if nats.token != nil, object["username"] != nil {
      log.error(
        "'token' and 'username' exclude one another", at: object.keyPlace("token") ?? object.place,
        help: "keep one of them")
    }
    return nats
  }

  private func redisSettings(_ object: DecodedObject) -> RedisSettings {
    var redis = RedisSettings()
    redis.stream = object.text("stream") ?? redis.stream
    if let most = object.integer("maxLength") { redis.maxLength = most == 0 ? nil : most }
    redis.database = object.integer("database") ?? 0
    return redis
  }

  /// What both kinds have: who Ballast is there, and TLS.
  private mutating func reach(_ sink: inout EventSinkSettings, _ object: DecodedObject) {
    sink.username = object.text("username")
    sink.password = object.text("password")
    if object["username"] != nil, !object.isIntended("password") {
      log.error(
        "'username' needs 'password'", at: object.keyPlace("username") ?? object.place,
        help: "write 'password: \"${NAME}\"' as well, and set that variable")
    }
    if case .nats = sink.target, object["password"] != nil, !object.isIntended("username") {
      log.error(
        "'password' needs 'username'", at: object.keyPlace("password") ?? object.place,
        help: "write 'username: NAME' as well, or 'token' instead")
    }
    if let tls = object.object("tls") { sink.tls = serviceTLS(tls) }
    guard sink.tls == nil, object["tls"] == nil,
      ["password", "token"].contains(where: { object.description[$0] != nil && object[$0] != nil }),
      !sink.servers.allSatisfy(Self.isThisMachine)
    else { return }
    log.warning(
      "the sink's secret goes over the network in the clear", at: object.place.headOnly,
      help: "write 'tls: {}' beside it")
  }

  private static func isThisMachine(_ server: HostAndPort) -> Bool {
    server.host == "localhost" || server.host.hasPrefix("127.") || server.host == "::1"
  }
}
