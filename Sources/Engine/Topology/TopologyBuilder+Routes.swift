import Configuration
import Routing
import Topology

extension TopologyBuilder {
  /// The routes of the tables in their places, and behind them those that listeners have for all
  /// else.
  static func routes(
    _ input: TopologyInput, services: [String: Int], identities: inout IdentityRegistry
  ) -> (routes: [Route], listeners: [Listener]) {
    var routes = input.tables.routes.map { route in
      Route(
        id: identities.route(route.name, isDefault: false), name: route.name,
        action: RouteAction(route, services), edits: RouteEdits(route),
        mirror: route.mirror.flatMap { mirror in
          services[mirror.service].map { Mirror(service: $0, share: mirror.share) }
        },
        errorPages: ErrorPages(route.errorPages),
        compression: RouteCompression(route.compression),
        rateLimits: route.rateLimits.map(RateLimit.init), bodyBytes: route.bodyLimit)
    }
    var listeners: [Listener] = []
    for listener in input.settings.listeners {
      var defaultRoute: Int?
      var onlyRedirects = input.tables.onlyRedirects(listener.name)
      // Only requests have routes; TLS that is passed through has a table of its own.
      let isHTTP = listener.protocol == .http
      if let redirect = listener.httpsRedirect.flatMap(Redirect.init) {
        defaultRoute = routes.count
        onlyRedirects = onlyRedirects || input.tables.tables[listener.name]?.rules.isEmpty == true
        routes.append(
          Route(
            id: identities.route(listener.name, isDefault: true), name: listener.name,
            action: .redirect(redirect, needsKnownHost: true)))
      } else if isHTTP, let name = listener.service, let service = services[name] {
        defaultRoute = routes.count
        onlyRedirects = false
        routes.append(
          Route(
            id: identities.route(listener.name, isDefault: true), name: listener.name,
            action: .service(service)))
      }
      listeners.append(
        Listener(
          id: identities.listener(listener.name), name: listener.name,
          kind: kind(of: listener, input.settings.routes, services),
          table: isHTTP ? input.tables.tables[listener.name] ?? .empty : .empty,
          defaultRoute: defaultRoute,
          onlyRedirects: onlyRedirects,
          errorPages: ErrorPages(listener.errorPages), policy: ListenerPolicy(listener),
          proxies: listener.proxies, sessions: listener.sessions,
          security: listener.tls.map(ListenerSecurity.init)))
    }
    return (routes, listeners)
  }
}

extension Redirect {
  /// To the same place over https. Clients are sent to hosts only that a route names, if any does.
  init?(_ settings: HTTPSRedirectSettings) {
    let port = settings.port == 443 ? "" : ":\(settings.port)"
    guard
      let place = try? TextTemplate("https://${host}\(port)${uri}", for: .redirect, path: .any)
    else { return nil }
    self.init(status: 308, location: place, path: .any)
  }
}

extension RouteAction {
  /// - Parameter services: places by name; a validated configuration names no others.
  init(_ settings: RouteSettings, _ services: [String: Int]) {
    switch settings.action {
    case .service(let name): self = .service(services[name] ?? 0)
    case .split(let split):
      self = .split(
        TrafficSplit(
          parts: split.parts.map {
            .init(service: services[$0.service] ?? 0, name: $0.service, weight: $0.weight)
          }, keys: split.keys.map(RequestKey.init)))
    case .redirect(let redirect):
      self = .redirect(
        redirect,
        needsKnownHost: settings.match.hosts.isEmpty && redirect.location.contains(.host))
    case .respond(let answer): self = .respond(answer)
    }
  }
}

extension RouteEdits {
  /// Nil for a route that changes nothing.
  convenience init?(_ settings: RouteSettings) {
    guard
      settings.rewrite != RewriteSettings() || !settings.requestHeaders.isEmpty
        || !settings.responseHeaders.isEmpty
    else { return nil }
    self.init(
      path: settings.match.path, rewrittenPath: settings.rewrite.path,
      rewrittenHost: settings.rewrite.host, request: settings.requestHeaders,
      answer: settings.responseHeaders)
  }
}
