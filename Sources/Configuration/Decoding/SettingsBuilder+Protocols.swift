import Primitives
import Routing

/// What goes together with which protocol, and what doesn't.
extension SettingsBuilder {
  mutating func transport(_ object: DecodedObject, of listener: inout ListenerSettings) {
    listener.protocol = object.choice("protocol", ListenerProtocol.self) ?? .http
    listener.proxies = object.object("acceptProxyProtocol")?.texts("from")?.compactMap {
      try? AddressBlock($0)
    }
    listener.http2 = object.boolean("http2")
    listener.mode = object.text("mode").flatMap { Int($0, radix: 8) }
    listener.sessions = object.integer("sessions") ?? listener.sessions
    var isFile = false
    if case .unix = listener.address { isFile = true }
    let isDatagram = listener.protocol == .udp
    if isFile, isDatagram {
      log.error(
        "a udp listener cannot be a unix socket", at: object["address"]?.place ?? object.place,
        help: "write an IP address and a port")
    }
    if !isFile {
      refuse("mode", in: object, "'mode' is for a unix socket's file, and this listener has a port")
    }
    if listener.protocol != .http {
      for key in [
        "trustedProxies", "limits", "timeouts", "leastRate", "rateLimit", "errors", "tls",
        "redirectToHttps", "hsts", "http2",
      ] {
        refuse(key, in: object, "'\(key)' is for 'protocol: http'")
      }
    }
    if !isDatagram { refuse("sessions", in: object, "'sessions' is for 'protocol: udp'") }
    if isDatagram {
      refuse(
        "acceptProxyProtocol", in: object, "a PROXY header is for connections, and udp has none")
    }
  }

  private mutating func refuse(_ key: String, in object: DecodedObject, _ message: String) {
    guard object[key] != nil else { return }
    log.error(message, at: object.keyPlace(key) ?? object.place, help: "remove it")
  }

  // MARK: Services

  /// Keys that say something of requests, or of connections, where there are none.
  mutating func checkTransport(of service: inout ServiceSettings, _ object: DecodedObject) {
    guard service.protocol.kind != .http else {
      checkMultiplexed(service, object)
      checkHeaderAndCheck(service, object)
      return
    }
    refuse(["perTryTimeout", "hedge"], of: "retries", in: object, "it waits for an answer's head")
    refuse(["response"], of: "timeouts", in: object, "there are no answers")
    refuse(["match"], of: "deploy", in: object, "there are no headers")
    refuse(["adaptive"], of: "limits", in: object, "no answer's time can be taken")
    checkKeys(of: service, object)
    if service.protocol == .udp {
      refuse("sendProxyProtocol", in: object, "a PROXY header is for connections, and udp has none")
      refuse("retries", in: object, "'retries' has no meaning with 'protocol: udp'")
      refuse(["connect", "total"], of: "timeouts", in: object, "there are no connections")
      refuse(["queue", "queueTimeout"], of: "limits", in: object, "a datagram does not wait")
      if object.object("timeouts")?["idle"] == nil { service.timeouts.idle = .minutes(1) }
      let health = object.object("health")
      let names = health?.description.oneOf ?? []
      if !names.contains(where: { health?.isIntended($0) ?? false }) {
        service.health.check = .none
      }
    }
    checkHeaderAndCheck(service, object)
  }

  /// A connection that many clients share can't begin with the address of one of them.
  private mutating func checkMultiplexed(_ service: ServiceSettings, _ object: DecodedObject) {
    guard service.protocol.isMultiplexed else { return }
    refuse(
      "sendProxyProtocol", in: object,
      "connections of '\(service.protocol.rawValue)' are shared, and a PROXY header names one client"
    )
  }

  private mutating func refuse(
    _ keys: [String], of key: String, in object: DecodedObject, _ reason: String
  ) {
    guard let inner = object.object(key) else { return }
    for one in keys {
      let kind = object.text("protocol") ?? ""
      refuse(one, in: inner, "'\(one)' has no meaning with 'protocol: \(kind)': \(reason)")
    }
  }

  private mutating func checkKeys(of service: ServiceSettings, _ object: DecodedObject) {
    let name = service.protocol.rawValue
    if let values = object.object("retries")?.texts("on") {
      for value in values where value != RetrySettings.Condition.connectFailure.rawValue {
        log.error(
          "'\(value)' is not tried again with 'protocol: \(name)'",
          at: object.object("retries")?["on"]?.place ?? object.place,
          help: "leave 'connect-failure' alone: what was sent cannot be sent again")
      }
    }
    switch service.sticky {
    case .inserted?, .learned?:
      log.error(
        "a cookie is for HTTP, and the service speaks \(name)",
        at: object.keyPlace("sticky") ?? object.place, help: "write 'sticky: { source: client-ip }'"
      )
    case .source?, nil: break
    }
    guard case .hash? = service.balance else { return }
    for text in object.object("balance")?.texts("key") ?? [] {
      if text == "client-ip" || text == "client-port" || text.hasPrefix("time:") { continue }
      log.error(
        "\(Quoted.value(text)) is a part of an HTTP request, and the service speaks \(name)",
        at: object.object("balance")?["key"]?.place ?? object.place,
        help: "write 'client-ip', 'client-port' or 'time:SPAN'")
    }
  }

  /// A check must be one that the server can pass.
  private mutating func checkHeaderAndCheck(_ service: ServiceSettings, _ object: DecodedObject) {
    let place = object.keyPlace("health") ?? object.place
    switch service.health.check {
    case .https, .tls:
      guard service.proxyHeader != nil else { break }
      log.error(
        "a check over TLS sends no PROXY header, which these servers wait for", at: place,
        help: "write 'tcp: {}', 'http' or 'command' instead, or remove 'sendProxyProtocol'")
    case .grpc:
      guard !service.protocol.isMultiplexed else { break }
      log.error(
        "a check of gRPC speaks HTTP/2, and the service \(service.protocol.rawValue)", at: place,
        help: "write 'protocol: http2' or 'https2' in the service, or another check")
      return
    case .http, .tcp, .command, .none: break
    }
    guard service.protocol == .udp else { return }
    switch service.health.check {
    case .http, .https, .tls:
      log.error(
        "this check is for TCP, and the service speaks udp", at: place,
        help: "write 'none: {}', 'command: [ … ]', or 'tcp: {}' for a server that answers both")
    case .grpc, .tcp, .command, .none: break
    }
  }

  // MARK: Listeners, routes and services together

  mutating func checkProtocols(
    _ settings: Settings, _ routes: [PlacedRoute], _ entries: [DecodedEntry]
  ) {
    let services = Dictionary(settings.services.map { ($0.name, $0.protocol) }) { first, _ in first
    }
    let listeners = Dictionary(settings.listeners.map { ($0.name, $0) }) { first, _ in first }
    for listener in settings.listeners {
      guard let entry = entries.first(where: { $0.key == listener.name }),
        case .object(let object) = entry.value.content
      else { continue }
      if let name = listener.service {
        checkPair(listener, name, services[name], at: object["service"]?.place ?? entry.keyPlace)
      }
    }
    for route in routes { checkRoute(route, listeners, services) }
  }

  private mutating func checkPair(
    _ listener: ListenerSettings, _ name: String, _ service: ServiceProtocol?, at place: SourceRange
  ) {
    guard let service, service.kind != listener.protocol.service else { return }
    let wanted = listener.protocol.service.rawValue
    log.error(
      "the listener \(Quoted.value(listener.name)) is for \(listener.protocol.rawValue), and the "
        + "service \(Quoted.value(name)) speaks \(service.rawValue)", at: place,
      help: "write 'protocol: \(wanted)' in the service, or another 'protocol' in the listener")
  }

  private mutating func checkRoute(
    _ route: PlacedRoute, _ listeners: [String: ListenerSettings],
    _ services: [String: ServiceProtocol]
  ) {
    let place = route.place.headOnly
    let name = Quoted.value(route.settings.name)
    let named = route.settings.listeners.compactMap { listeners[$0] }
    for listener in named {
      switch listener.protocol {
      case .http: break
      case .tcp, .udp:
        log.error(
          "the route \(name) is for the listener \(Quoted.value(listener.name)), which has nothing "
            + "to tell \(listener.protocol.rawValue) clients apart by", at: place,
          help: "remove it from 'listeners', and write 'service: NAME' in the listener")
        return
      case .tlsPassthrough:
        guard route.settings.isBlind else {
          log.error(
            "the route \(name) looks at requests, which are encrypted on the listener "
              + Quoted.value(listener.name), at: place,
            help: "match 'host' and 'alpn' there, and lead to a 'service'")
          return
        }
      }
      for service in route.settings.services {
        checkPair(listener, service, services[service], at: place)
      }
    }
    let isHTTP = named.contains { $0.protocol == .http } || route.settings.listeners.isEmpty
    if !route.settings.alpn.isEmpty, isHTTP {
      log.error(
        "the route \(name) matches 'alpn', which is for tls-passthrough listeners", at: place,
        help: "name the listener in 'listeners', or remove 'alpn'")
    }
    if let mirror = route.settings.mirror, let service = services[mirror.service],
      service.kind != .http
    {
      log.error(
        "the route \(name) mirrors requests to \(Quoted.value(mirror.service)), which speaks "
          + service.rawValue, at: place, help: "name a service with 'protocol: http'")
    }
    guard route.settings.listeners.isEmpty else { return }
    for service in route.settings.services.compactMap({ services[$0] })
    where service.kind != .http {
      log.error(
        "the route \(name) is for all http listeners, and its service speaks \(service.rawValue)",
        at: place, help: "name a tls-passthrough listener in 'listeners', or another service")
    }
  }

  // MARK: Addresses

  func isDatagram(_ entry: DecodedEntry) -> Bool {
    guard case .object(let object) = entry.value.content else { return false }
    return object.text("protocol") == ListenerProtocol.udp.rawValue
  }

  mutating func checkDatagramAddresses(_ entries: [DecodedEntry]) {
    var seen: [(name: String, address: SocketAddress)] = []
    for entry in entries where isDatagram(entry) {
      guard case .object(let object) = entry.value.content,
        let (address, _) = object.address("address")
      else { continue }
      if let first = seen.first(where: { $0.address.overlaps(address) }) {
        log.error(
          "the listeners \(Quoted.value(first.name)) and \(Quoted.value(entry.key)) have the same address",
          at: object["address"]?.place ?? entry.keyPlace, help: "give one of them another port")
      }
      seen.append((entry.key, address))
    }
  }
}

extension RouteSettings {
  /// Whether it asks for nothing that only a request shows, and does nothing to one.
  fileprivate var isBlind: Bool {
    guard case .service = action else { return false }
    return match.path == .any && match.conditions == RequestConditions()
      && mirror == nil && rewrite == RewriteSettings() && requestHeaders.isEmpty
      && responseHeaders.isEmpty && compression == nil && errorPages.isEmpty
      && rateLimits.isEmpty && bodyLimit == 0
  }
}
