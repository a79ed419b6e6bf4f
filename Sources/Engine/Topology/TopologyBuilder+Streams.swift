import Configuration
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
      var rules = routes.filter { $0.listeners.contains(listener.name) }.compactMap { route in
        places[route.service].map { service in
          ServerNameTable.Rule(
            name: name(route.host), protocols: route.alpn.map { Array($0.utf8) },
            priority: route.priority, service: service)
        }
      }
      // Asked last, whatever the routes' priorities.
      if let service { rules.append(.init(name: .any, priority: .min, service: service)) }
      return .tlsPassthrough(ServerNameTable(rules))
    }
  }

  private static func name(_ host: String?) -> ServerNameTable.Name {
    guard let host else { return .any }
    return host.hasPrefix("*.") ? .below(Array(host.utf8.dropFirst(2))) : .exact(Array(host.utf8))
  }
}
