import Faults
import Topology

/// Names to numbers, dense from 0, kept for the life of the engine: what has the same name after a
/// reload has the same number, and with it its counters and connections. Numbers are not given
/// twice, so a table by number never mixes two things.
struct IdentityRegistry: Sendable {
  private(set) var listeners: [String] = []
  private(set) var routes: [String] = []
  private(set) var services: [String] = []
  private(set) var servers: [ServerName] = []
  private var listenerNumbers: [String: Int] = [:]
  private var routeNumbers: [String: Int] = [:]
  private var serviceNumbers: [String: Int] = [:]
  private var serverNumbers: [ServerName: Int] = [:]

  mutating func listener(_ name: String) -> ListenerID {
    ListenerID(Self.number(name, &listenerNumbers, &listeners))
  }

  /// - Parameter isDefault: the route that a listener's own `service` makes; it may share its name
  ///   with one of `routes`.
  mutating func route(_ name: String, isDefault: Bool) -> RouteID {
    let key = isDefault ? "listener/\(name)" : "route/\(name)"
    if let known = routeNumbers[key] { return RouteID(known) }
    routeNumbers[key] = routes.count
    routes.append(name)
    return RouteID(routes.count - 1)
  }

  mutating func service(_ name: String) -> ServiceID {
    ServiceID(Self.number(name, &serviceNumbers, &services))
  }

  /// By its names alone: the data plane drops connections to an address that a server had before.
  mutating func server(_ name: ServerName) -> ServerID {
    if let known = serverNumbers[name] { return ServerID(known) }
    serverNumbers[name] = servers.count
    servers.append(name)
    return ServerID(servers.count - 1)
  }

  func knownServer(_ name: ServerName) -> ServerID? { serverNumbers[name].map { ServerID($0) } }
  func knownService(_ name: String) -> ServiceID? { serviceNumbers[name].map { ServiceID($0) } }
  func knownListener(_ name: String) -> ListenerID? { listenerNumbers[name].map { ListenerID($0) } }

  private static func number(
    _ name: String, _ numbers: inout [String: Int], _ names: inout [String]
  ) -> Int {
    if let known = numbers[name] { return known }
    numbers[name] = names.count
    names.append(name)
    return names.count - 1
  }
}
