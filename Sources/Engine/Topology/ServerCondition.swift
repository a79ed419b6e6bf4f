import Configuration
import Faults
import Primitives
import Topology

/// What is known of a server at run time, beyond its settings.
struct ServerCondition: Sendable, Equatable {
  var health = Server.Health.unknown
  /// What an operator said.
  var availability = Server.Availability.ready
  /// Set by an operator; nil leaves the one of the file.
  var weight: Int?
  /// Its replica is about to be stopped.
  var isLeaving = false

  var effectiveAvailability: Server.Availability {
    isLeaving && availability == .ready ? .draining : availability
  }
}

/// A replica that has an address, and so is a server of its service.
struct ReplicaServer: Sendable, Equatable {
  var name: String
  var address: SocketAddress
}

/// All that a topology is made of.
struct TopologyInput: Sendable {
  var settings: Settings
  var conditions: [ServerName: ServerCondition] = [:]
  /// By service.
  var replicas: [String: [ReplicaServer]] = [:]

  /// The servers of a service: those of the file, then its replicas.
  func servers(of service: ServiceSettings) -> [ServerSettings] {
    let named = Set(service.servers.map(\.name))
    let replicas = replicas[service.name, default: []].filter { !named.contains($0.name) }
    return service.servers + replicas.map { ServerSettings(name: $0.name, address: $0.address) }
  }

  func condition(of key: ServerName) -> ServerCondition { conditions[key] ?? ServerCondition() }
}
