import Configuration
import EventLoop
import Faults
import HealthChecking
import Primitives
import Topology

/// The checks of all servers. What stays the same over a reload goes on undisturbed.
final class HealthWatch {
  private let reactor: Reactor
  private var watches: [ServerName: ServerWatch] = [:]
  private var seeds = SeededRandom(seed: Clock.now.nanoseconds)
  /// Called on the loop for every change of a server's health.
  var changed: (ServerWatch, HealthChange) -> Void = { _, _ in }

  /// Failures of a replica that still starts are no fault of it.
  static let replicaGrace = TimeSpan.seconds(30)

  init(on reactor: Reactor) { self.reactor = reactor }

  subscript(name: ServerName) -> ServerWatch? { watches[name] }

  var all: [ServerWatch] { Array(watches.values) }

  /// Whether every server that is checked has had a result, or was adopted.
  var isSettled: Bool { watches.values.allSatisfy { $0.lastCheck != nil } }

  /// Follows the servers that there are now. A server at another address is another server: nothing
  /// is known of it.
  func follow(_ input: TopologyInput, adopting known: [ServerName: HealthState] = [:]) {
    var wanted: Set<ServerName> = []
    for service in input.settings.services where service.health.check != .none {
      let replicas = Set(input.replicas[service.name, default: []].map(\.name))
      let policy = HealthPolicy(
        interval: service.health.interval, timeout: service.health.timeout,
        rise: service.health.rise, fall: service.health.fall)
      for server in input.servers(of: service) {
        let name = ServerName(service: service.name, server: server.name)
        let target = CheckTarget(
          address: server.address, check: service.health.check, timeout: service.health.timeout)
        wanted.insert(name)
        if let watch = watches[name], watch.target.address == server.address {
          watch.change(to: target, policy: policy)
          continue
        }
        let isReplica = replicas.contains(server.name)
        watches[name]?.stop()
        let watch = ServerWatch(
          name, target, policy: policy, grace: isReplica ? Self.replicaGrace : .zero, on: reactor,
          seed: seeds.next()
        ) { [self] in changed($0, $1) }
        watches[name] = watch
        watch.run(adopting: known[name])
      }
    }
    for name in watches.keys where !wanted.contains(name) {
      watches.removeValue(forKey: name)?.stop()
    }
  }

  func stop() {
    for watch in watches.values { watch.stop() }
    watches = [:]
  }
}

extension Server.Health {
  init(_ state: HealthState) {
    switch state {
    case .unknown: self = .unknown
    case .healthy: self = .healthy
    case .unhealthy: self = .unhealthy
    }
  }
}
