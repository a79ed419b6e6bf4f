import Primitives
import Topology
import Faults

/// What the numbers in a request's record stand for, as of the last topology.
struct TraceNames: Sendable {
  var listeners: [String] = []
  var routes: [String] = []
  var services: [String] = []
  var servers: [ServerName] = []
  /// By `ServerID.index`; nil for one that is in no topology any more.
  var addresses: [SocketAddress?] = []

  init() {}

  init(_ identities: IdentityRegistry, _ snapshot: TopologySnapshot) {
    listeners = identities.listeners
    routes = identities.routes
    services = identities.services
    servers = identities.servers
    addresses = [SocketAddress?](repeating: nil, count: servers.count)
    for service in snapshot.services {
      for server in service.servers where addresses.indices.contains(server.id.index) {
        addresses[server.id.index] = server.address
      }
    }
  }

  func name(_ index: Int?, _ names: [String]) -> String? {
    index.flatMap { names.indices.contains($0) ? names[$0] : nil }
  }
}
