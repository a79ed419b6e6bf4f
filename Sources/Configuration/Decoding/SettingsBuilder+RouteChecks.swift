import Primitives
import Routing

extension SettingsBuilder {
  /// Two routes that would take the same requests with the same right, and routes that others leave
  /// nothing for.
  mutating func checkRoutes(_ routes: [PlacedRoute]) {
    var groups: [RouteKey: RouteGroup] = [:]
    for (index, route) in routes.enumerated() {
      var first: Int?
      for key in RouteKey.all(route.settings) {
        let earlier = groups[key, default: RouteGroup()]
          .add(index, listeners: route.settings.listeners)
        first = first ?? earlier
      }
      guard let first else { continue }
      let other = Quoted.value(routes[first].settings.name)
      log.error(
        "this route takes the same requests as the route \(other)", at: route.place.headOnly,
        help: log.isFull
          ? nil
          : "that one is at \(log.describe(routes[first].place)); change a match or a priority")
    }
    guard !log.hasErrors else { return }
    for (index, other) in RouteShadows(routes.map(\.settings)).find() {
      log.warning(
        "no request ever comes to this route: \(Quoted.value(routes[other].settings.name)) takes all of them",
        at: routes[index].place.headOnly,
        help: "that one is at \(log.describe(routes[other].place)); change a match or a priority")
    }
  }
}

/// What makes two routes equal on one listener, for one host.
private struct RouteKey: Hashable {
  var host: HostPattern?
  var path: PathPattern
  var methods: Set<String>
  var headers: [RequestConditions.Field]
  var query: [RequestConditions.Field]
  var clients: Set<AddressBlock>
  var subjects: Set<ValuePattern>
  var alpn: Set<String>
  var priority: Int

  static func all(_ route: RouteSettings) -> [RouteKey] {
    let conditions = route.match.conditions
    let hosts = route.match.hosts.isEmpty ? [nil] : route.match.hosts.map(Optional.some)
    return hosts.map { host in
      RouteKey(
        host: host, path: route.match.path.shape, methods: Set(conditions.methods),
        headers: conditions.headers, query: conditions.query, clients: Set(conditions.clients),
        subjects: Set(conditions.subjects),
        alpn: Set(route.alpn),
        priority: route.priority)
    }
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

/// Finds routes that an earlier one leaves nothing for. What can't be told, such as two overlapping
/// expressions, is left alone.
private struct RouteShadows {
  private struct Key: Hashable {
    var host: HostPattern?
    var path: PathPattern
  }

  /// Rules with a template or an expression are compared one by one, so only so many.
  private static let mostPatterns = 64

  private let routes: [RouteSettings]
  private let rules: [RouteRule]
  /// Places in `rules`.
  private var byKey: [Key: [Int]] = [:]
  private var patterns: [HostPattern?: [Int]] = [:]

  init(_ routes: [RouteSettings]) {
    self.routes = routes
    rules = RouteOrder.rules(routes.map { ($0.match, $0.priority) })
    for (place, rule) in rules.enumerated() {
      byKey[Key(host: rule.host, path: rule.path.shape), default: []].append(place)
      switch rule.path {
      case .template, .expression: patterns[rule.host, default: []].append(place)
      default: break
      }
    }
  }

  /// Routes, each with one that takes its requests, both as indices.
  func find() -> [(route: Int, other: Int)] {
    var covers: [Int: [Int?]] = [:]
    for (place, rule) in rules.enumerated() {
      covers[rule.route, default: []].append(cover(of: rule, at: place))
    }
    return covers.sorted { $0.key < $1.key }.compactMap { route, found in
      guard let first = found.first.flatMap(\.self), !found.contains(nil) else { return nil }
      return (route, first)
    }
  }

  /// The route of an earlier rule that takes all that this one would.
  private func cover(of rule: RouteRule, at place: Int) -> Int? {
    for host in Self.hosts(above: rule.host) {
      for path in Self.paths(above: rule.path) {
        for other in byKey[Key(host: host, path: path)] ?? [] where other < place {
          if takesAll(of: rule, rules[other]) { return rules[other].route }
        }
      }
      guard case .exact(let path) = rule.path else { continue }
      for other in (patterns[host] ?? []).prefix(Self.mostPatterns) where other < place {
        if rules[other].path.takes(path.span, path.indices), takesAll(of: rule, rules[other]) {
          return rules[other].route
        }
      }
    }
    return nil
  }

  private func takesAll(of rule: RouteRule, _ other: RouteRule) -> Bool {
    guard rule.route != other.route, other.conditions.follow(from: rule.conditions) else {
      return false
    }
    let (own, others) = (routes[rule.route].listeners, routes[other.route].listeners)
    return others.isEmpty || !own.isEmpty && Set(own).isSubset(of: others)
  }

  private static func hosts(above host: HostPattern?) -> [HostPattern?] {
    guard let host else { return [nil] }
    let bytes: [UInt8]
    switch host {
    case .exact(let name): bytes = name
    case .below(let suffix): bytes = suffix
    }
    let suffixes = bytes.indices.dropFirst().filter { bytes[$0] == UInt8(ascii: ".") }
    return [host] + suffixes.map { .below(Array(bytes[$0...])) } + [nil]
  }

  private static func paths(above path: PathPattern) -> [PathPattern] {
    let folder = path.literalFolder
    let slashes = folder.indices.dropFirst().filter { folder[$0] == UInt8(ascii: "/") }
    return [path.shape] + slashes.reversed().map { .prefix(Array(folder[...$0])) } + [.any]
  }
}
