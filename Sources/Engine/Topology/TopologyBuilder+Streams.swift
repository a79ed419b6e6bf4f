import Configuration
import Routing
import Topology

extension TopologyBuilder {
  /// What a listener does with a connection.
  static func kind(
    of listener: ListenerSettings, _ routes: [RouteSettings], _ places: [String: Int]
  ) -> Listener.Kind {
    let service = listener.service.flatMap { places[$0] }
    switch listener.protocol {
    case .http: return .http
    // Without a service nothing is found, and every client is refused.
    case .tcp: return .tcp(service: service ?? -1)
    case .udp: return .udp(service: service ?? -1)
    case .tlsPassthrough:
      var rules: [ServerNameTable.Rule] = []
      for route in routes where route.listeners.contains(listener.name) {
        guard let service = route.services.first.flatMap({ places[$0] }) else { continue }
        let names = route.match.hosts.isEmpty ? [.any] : route.match.hosts.map(name)
        rules += names.map {
          .init(
            name: $0, protocols: route.alpn.map { Array($0.utf8) }, priority: route.priority,
            service: service)
        }
      }
      // Asked last, whatever the routes' priorities.
      if let service { rules.append(.init(name: .any, priority: .min, service: service)) }
      return .tlsPassthrough(ServerNameTable(rules))
    }
  }

  private static func name(_ host: HostPattern) -> ServerNameTable.Name {
    switch host {
    case .exact(let name): .exact(name)
    // Without the dot that it begins with.
    case .below(let suffix): .below(Array(suffix.dropFirst()))
    }
  }
}
