import Configuration
import Faults
import Primitives
import Topology

/// A replica that has an address, and so is a server of its service.
struct ReplicaServer: Sendable, Equatable {
  var name: String
  var address: SocketAddress
}

/// Two revisions of a service side by side.
struct TrafficShift: Sendable, Equatable {
  /// Those of the new one.
  var servers: Set<String>
  /// Of the requests, 0 … 1, that they get; nil: as many as fall to them.
  var share: Double?
  /// Requests that they get whatever the share is; only with one.
  var match: VersionMatch?
}

/// All that a topology is made of.
struct TopologyInput: Sendable {
  var settings: Settings {
    didSet { tables = RouteTables(settings) }
  }
  private(set) var tables: RouteTables
  var conditions: [ServerName: ServerCondition]
  /// By service.
  var replicas: [String: [ReplicaServer]]
  /// By service; of those that have a deployment under way.
  var shifts: [String: TrafficShift] = [:]
  /// What an inserted cookie says for a server.
  var sessionToken: @Sendable (ServerName) -> [UInt8]

  init(
    settings: Settings, conditions: [ServerName: ServerCondition] = [:],
    replicas: [String: [ReplicaServer]] = [:],
    sessionToken: @escaping @Sendable (ServerName) -> [UInt8] = { _ in [] }
  ) {
    self.settings = settings
    tables = RouteTables(settings)
    self.conditions = conditions
    self.replicas = replicas
    self.sessionToken = sessionToken
  }

  /// The servers of a service: those of the file, then its replicas.
  func servers(of service: ServiceSettings) -> [ServerSettings] {
    let named = Set(service.servers.map(\.name))
    let replicas = replicas[service.name, default: []].filter { !named.contains($0.name) }
    return service.servers + replicas.map { ServerSettings(name: $0.name, address: $0.address) }
  }

  func condition(of key: ServerName) -> ServerCondition { conditions[key] ?? ServerCondition() }
}
