import Configuration
import Primitives
import Topology

/// Settings and what is known at run time, made into what the data plane serves.
enum TopologyBuilder {
  static func build(
    version: UInt64, _ input: TopologyInput, identities: inout IdentityRegistry
  ) -> TopologySnapshot {
    let services = input.settings.services.map { service in
      Self.service(service, input, identities: &identities)
    }
    var places: [String: Int] = [:]
    for (index, service) in input.settings.services.enumerated() { places[service.name] = index }

    var routes: [Route] = []
    var takers: [(listeners: [String], index: Int)] = []
    for route in RouteOrder.sorted(input.settings.routes) {
      guard let service = places[route.service] else { continue }
      takers.append((route.listeners, routes.count))
      routes.append(
        Route(
          id: identities.route(route.name, isDefault: false), name: route.name,
          host: route.host.map { Array($0.utf8) }, path: path(route.path), service: service,
          errorPages: ErrorPages(route.errorPages)))
    }
    var listeners: [Listener] = []
    for listener in input.settings.listeners {
      // Only requests have routes; TLS that is passed through has a table of its own.
      let isHTTP = listener.protocol == .http
      var taken = takers.filter {
        isHTTP && ($0.listeners.isEmpty || $0.listeners.contains(listener.name))
      }.map(\.index)
      if isHTTP, let name = listener.service, let service = places[name] {
        taken.append(routes.count)
        routes.append(
          Route(
            id: identities.route(listener.name, isDefault: true), name: listener.name, host: nil,
            path: .any, service: service))
      }
      listeners.append(
        Listener(
          id: identities.listener(listener.name), name: listener.name,
          kind: kind(of: listener, input.settings.routes, places), routes: taken,
          errorPages: ErrorPages(listener.errorPages), proxies: listener.proxies,
          sessions: listener.sessions))
    }
    return TopologySnapshot(
      version: version, listeners: listeners, routes: routes, services: services,
      errorPages: ErrorPages(input.settings.errorPages))
  }

  private static func path(_ pattern: PathPattern) -> Route.Path {
    switch pattern {
    case .any: .any
    case .exact(let path): .exact(Array(path.utf8))
    case .prefix(let prefix): .prefix(Array(prefix.utf8))
    }
  }
}
