import Primitives

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
      let service = routes[index].settings.service
      var name = service
      while taken[name] != nil {
        let count = (counts[service] ?? 1) + 1
        counts[service] = count
        name = "\(service)-\(count)"
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
    if let service = object.text("service") {
      checkService(service, at: object["service"]?.place ?? item.place)
    }
    let errorPages = errorPages(object)
    guard let service = object.text("service") else { return nil }
    let match = object.object("match")
    var route = RouteSettings(
      name: object.text("name") ?? "", listeners: object.texts("listeners") ?? [],
      host: match?.text("host").map(Self.plainHost),
      path: match?.text("path").map(PathPattern.init) ?? .any,
      alpn: match?.texts("alpn") ?? [],
      priority: object.integer("priority") ?? 0, service: service)
    route.errorPages = errorPages
    return PlacedRoute(
      settings: route, place: item.place, namePlace: object["name"]?.place ?? item.place,
      isNamed: object.text("name") != nil)
  }

  /// Lower case, without the root's dot.
  private static func plainHost(_ host: String) -> String {
    let lower = host.lowercased()
    return lower.hasSuffix(".") ? String(lower.dropLast()) : lower
  }

  /// Two routes that would take the same requests with the same right.
  mutating func checkRoutes(_ routes: [PlacedRoute]) {
    var groups: [RouteKey: RouteGroup] = [:]
    for (index, route) in routes.enumerated() {
      let first = groups[RouteKey(route.settings), default: RouteGroup()]
        .add(index, listeners: route.settings.listeners)
      guard let first else { continue }
      let other = Quoted.value(routes[first].settings.name)
      log.error(
        "this route takes the same requests as the route \(other)", at: route.place.headOnly,
        help: log.isFull
          ? nil
          : "that one is at \(log.describe(routes[first].place)); change a match or a priority")
    }
  }

  /// A listener that no route and no service takes care of gets the only service there is.
  mutating func giveServices(to settings: inout Settings, hasBrokenRoutes: Bool) {
    let isRoutedEverywhere = settings.routes.contains { $0.listeners.isEmpty } || hasBrokenRoutes
    let routed = Set(settings.routes.flatMap(\.listeners))
    let only = servicePlaces.count == 1 ? servicePlaces.first?.name : nil
    for index in settings.listeners.indices {
      let listener = settings.listeners[index]
      // Routes that name no listener are for requests.
      if listener.protocol == .http, isRoutedEverywhere { continue }
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
    guard let first = seen.first(where: { $0.address.overlaps(settings.address) }) else { return }
    let place = admin?["address"]?.place ?? first.place
    log.error(
      "the listener \(Quoted.value(first.name)) and the admin API have the same address", at: place,
      help: "the admin API is at \(settings.address); give one of them another port")
  }

  mutating func warnOfUnused(_ settings: Settings) {
    guard !log.hasErrors else { return }
    let used = Set(settings.routes.map(\.service) + settings.listeners.compactMap(\.service))
    for (name, place) in servicePlaces where !used.contains(name) {
      log.warning(
        "no listener and no route leads to the service \(Quoted.value(name))", at: place,
        help: "add a route with 'service: \(name)'")
    }
  }
}

/// What makes two routes equal on one listener.
private struct RouteKey: Hashable {
  var host: String?
  var path: String
  var alpn: [String]
  var priority: Int

  init(_ route: RouteSettings) {
    host = route.host
    alpn = route.alpn
    path = route.path.text
    priority = route.priority
  }
}

/// Routes of one key, by listener, as indices.
private struct RouteGroup {
  private var first: Int?
  private var everywhere: Int?
  private var byListener: [String: Int] = [:]

  /// Adds a route; returns an earlier one that shares a listener with it.
  mutating func add(_ index: Int, listeners: [String]) -> Int? {
    defer { first = first ?? index }
    if listeners.isEmpty {
      let earlier = first
      everywhere = everywhere ?? index
      return earlier
    }
    var earlier = everywhere
    for listener in listeners {
      if let other = byListener[listener], other != index { earlier = earlier ?? other }
      byListener[listener] = byListener[listener] ?? index
    }
    return earlier
  }
}

extension PathPattern {
  /// Reads a checked pattern: `/exact`, or `/prefix/*`, of which the prefix keeps its slash.
  init(_ text: String) {
    if text == "/*" {
      self = .any
    } else if text.hasSuffix("/*") {
      self = .prefix(String(text.dropLast()))
    } else {
      self = .exact(text)
    }
  }

  /// As it is written in a file.
  public var text: String {
    switch self {
    case .any: "/*"
    case .exact(let path): path
    case .prefix(let prefix): prefix + "*"
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
