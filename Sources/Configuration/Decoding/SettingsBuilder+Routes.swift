import Primitives
import Routing

/// A route with the places that later checks point at.
struct PlacedRoute {
  var settings: RouteSettings
  var place: SourceRange
  var namePlace: SourceRange
  var isNamed: Bool
}

extension SettingsBuilder {
  /// The routes that could be read, each with a name of its own.
  mutating func routes(_ items: [DecodedValue]) -> [PlacedRoute] {
    var routes = items.compactMap { route($0) }
    var taken: [String: SourceRange] = [:]
    for route in routes where route.isNamed {
      if let first = taken[route.settings.name] {
        log.error(
          "two routes have the name \(Quoted.value(route.settings.name))", at: route.namePlace,
          help: log.isFull ? nil : "the first is at \(log.describe(first)); rename one of them")
      } else {
        taken[route.settings.name] = route.namePlace
      }
    }
    var counts: [String: Int] = [:]
    for index in routes.indices where !routes[index].isNamed {
      let plain = routes[index].settings.plainName
      var name = plain
      while taken[name] != nil {
        let count = (counts[plain] ?? 1) + 1
        counts[plain] = count
        name = "\(plain)-\(count)"
      }
      taken[name] = routes[index].place
      routes[index].settings.name = name
    }
    return routes
  }

  private mutating func route(_ item: DecodedValue) -> PlacedRoute? {
    guard case .object(let object) = item.content else { return nil }
    for listener in object.list("listeners") ?? [] {
      if case .text(let name) = listener.content { checkListener(name, at: listener.place) }
    }
    let match = match(object.object("match"))
    let errorPages = errorPages(object)
    let action = action(object, path: match.path)
    let rewrite = rewrite(object.object("rewrite"), path: match.path)
    let requestHeaders = edits(
      object.object("requestHeaders"), for: .requestField, path: match.path)
    let responseHeaders = edits(
      object.object("responseHeaders"), for: .answerField, path: match.path)
    guard let action else { return nil }
    var route = RouteSettings(
      name: object.text("name") ?? "", listeners: object.texts("listeners") ?? [], match: match,
      priority: object.integer("priority") ?? 0, action: action, rewrite: rewrite,
      requestHeaders: requestHeaders, responseHeaders: responseHeaders)
    route.errorPages = errorPages
    route.alpn = object.object("match")?.texts("alpn") ?? []
    route.compression = compression(object)
    route.rateLimits = rateLimits(object)
    route.bodyLimit = object.object("limits")?.size("body") ?? 0
    route.mirror = mirror(object.object("mirror"), action)
    return PlacedRoute(
      settings: route, place: item.place, namePlace: object["name"]?.place ?? item.place,
      isNamed: object.text("name") != nil)
  }

  private mutating func mirror(
    _ object: DecodedObject?, _ action: RouteSettings.Action
  ) -> MirrorSettings? {
    guard let object, let service = object.text("service") else { return nil }
    switch action {
    case .service, .split: break
    case .redirect, .respond:
      log.error(
        "there is nothing to mirror: no server is asked", at: object.place.headOnly,
        help: "remove 'mirror', or give the route a service")
    }
    if let place = object["service"]?.place { checkService(service, at: place) }
    return MirrorSettings(service: service, share: object.share("share") ?? 1)
  }

  /// A listener that no route and no service takes care of gets the only service there is.
  mutating func giveServices(to settings: inout Settings, hasBrokenRoutes: Bool) {
    let isRoutedEverywhere = settings.routes.contains { $0.listeners.isEmpty } || hasBrokenRoutes
    let routed = Set(settings.routes.flatMap(\.listeners))
    let only = servicePlaces.count == 1 ? servicePlaces.first?.name : nil
    for index in settings.listeners.indices {
      let listener = settings.listeners[index]
      // Routes that name no listener are for requests.
      if listener.protocol == .http, isRoutedEverywhere || listener.httpsRedirect != nil {
        continue
      }
      guard listener.service == nil, !routed.contains(listener.name) else { continue }
      settings.listeners[index].service = only
      guard only == nil, servicePlaces.count > 1,
        let place = listenerPlaces.first(where: { $0.name == listener.name })?.place
      else { continue }
      let names = servicePlaces.prefix(8).map(\.name).joined(separator: ", ")
      log.error(
        "the listener \(Quoted.value(listener.name)) has no route, and there are several services",
        at: place, help: "write 'service: NAME' in it, or a route; the services are \(names)")
    }
  }

  /// One address can be opened once.
  mutating func checkAddresses(
    _ entries: [DecodedEntry], admin: DecodedObject?, _ settings: AdminSettings
  ) {
    var seen: [(name: String, address: SocketAddress, place: SourceRange)] = []
    // A port of UDP is another than the same port of TCP.
    checkDatagramAddresses(entries)
    for entry in entries where !isDatagram(entry) {
      guard case .object(let object) = entry.value.content,
        let (address, _) = object.address("address"), let place = object["address"]?.place
      else { continue }
      seen.append((entry.key, address, place))
    }
    var byPort: [UInt16: [Int]] = [:]
    var byPath: [SocketAddress: Int] = [:]
    for (index, item) in seen.enumerated() {
      let others = item.address.port.map { byPort[$0] ?? [] } ?? byPath[item.address].map { [$0] }
      if let first = (others ?? []).first(where: { seen[$0].address.overlaps(item.address) }) {
        log.error(
          "the listeners \(Quoted.value(seen[first].name)) and \(Quoted.value(item.name)) have the same address",
          at: item.place,
          help: log.isFull
            ? nil : "the other is at \(log.describe(seen[first].place)); give one another port")
      }
      if let port = item.address.port {
        byPort[port, default: []].append(index)
      } else {
        byPath[item.address] = index
      }
    }
    checkStatusPage(admin, settings, others: seen.map { ($0.name, $0.address) })
    guard let first = seen.first(where: { $0.address.overlaps(settings.address) }) else { return }
    let place = admin?["address"]?.place ?? first.place
    log.error(
      "the listener \(Quoted.value(first.name)) and the admin API have the same address", at: place,
      help: "the admin API is at \(settings.address); give one of them another port")
  }

  private mutating func checkStatusPage(
    _ admin: DecodedObject?, _ settings: AdminSettings,
    others: [(name: String, address: SocketAddress)]
  ) {
    guard let page = settings.statusPage, let admin else { return }
    let place = admin.object("statusPage")?["address"]?.place ?? admin.place
    if page.address.overlaps(settings.address) {
      log.error(
        "the status page and the admin API have the same address", at: place,
        help: "the page is for everybody, the admin API is not: give the page another port")
    } else if let first = others.first(where: { $0.address.overlaps(page.address) }) {
      log.error(
        "the listener \(Quoted.value(first.name)) and the status page have the same address",
        at: place, help: "give one of them another port")
    }
  }

  mutating func warnOfUnused(_ settings: Settings) {
    guard !log.hasErrors else { return }
    let mirrors = settings.routes.compactMap(\.mirror?.service)
    let used = Set(
      settings.routes.flatMap(\.services) + mirrors + settings.listeners.compactMap(\.service))
    for (name, place) in servicePlaces where !used.contains(name) {
      log.warning(
        "no listener and no route leads to the service \(Quoted.value(name))", at: place,
        help: "add a route with 'service: \(name)'")
    }
  }
}

extension RouteSettings {
  /// Its name when the file gives it none.
  fileprivate var plainName: String {
    switch action {
    case .service, .split: services.first ?? ""
    case .redirect: "redirect"
    case .respond: "respond"
    }
  }
}

extension SourceRange {
  /// The first byte only, for what has many lines.
  var headOnly: SourceRange {
    SourceRange(file: file, bytes: bytes.lowerBound..<min(bytes.lowerBound + 1, bytes.upperBound))
  }
}

extension SocketAddress {
  /// Whether the two can't be opened side by side: the same, or one is every address of the other.
  func overlaps(_ other: SocketAddress) -> Bool {
    if self == other { return true }
    guard let port, port == other.port else { return false }
    switch (self, other) {
    case (.ipv6, .ipv4): return isEveryHost
    case (.ipv4, .ipv6): return other.isEveryHost
    default: return isEveryHost || other.isEveryHost
    }
  }
}
