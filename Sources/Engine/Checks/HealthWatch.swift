import Configuration
import EventLoop
import Faults
import HealthChecking
import Primitives
import Topology

/// The health of all servers. What stays the same over a reload goes on undisturbed.
final class HealthWatch {
  private let maker: CheckMaker
  private var watches: [ServerName: ServerWatch] = [:]
  private var seeds = SeededRandom(seed: Clock.now.nanoseconds)
  var listener = ServerWatch.Listener()

  /// Failures of a replica that still starts are no fault of it.
  static let replicaGrace = TimeSpan.seconds(30)

  init(on reactor: Reactor, commands: CommandRunner) {
    maker = CheckMaker(on: reactor, commands: commands)
  }

  subscript(name: ServerName) -> ServerWatch? { watches[name] }

  var all: [ServerWatch] { Array(watches.values) }

  /// Whether every server that is watched has had a result.
  var isSettled: Bool { watches.values.allSatisfy { $0.lastCheck != nil } }

  /// Follows the servers that there are now. A server at another address is another server: nothing
  /// is known of it.
  func follow(_ input: TopologyInput, adopting known: [ServerName: HealthState] = [:]) {
    var wanted: Set<ServerName> = []
    for service in input.settings.services where service.health.isWatched {
      let replicas = Set(input.replicas[service.name, default: []].map(\.name))
      for server in input.servers(of: service) {
        let name = ServerName(service: service.name, server: server.name)
        let plan = WatchPlan(
          name, at: server.address, service.health, proxyHeader: service.proxyHeader,
          isMultiplexed: service.protocol.isMultiplexed)
        wanted.insert(name)
        if let watch = watches[name], watch.address == server.address {
          watch.follow(plan)
          continue
        }
        let isReplica = replicas.contains(server.name)
        watches[name]?.stop()
        let watch = ServerWatch(
          name, at: server.address, grace: isReplica ? Self.replicaGrace : .zero, by: maker,
          seed: seeds.next()
        ) { [self] in listener }
        watches[name] = watch
        // Whatever an agent said of another server of that name is no more true.
        listener.agentChanged(watch)
        watch.follow(plan, adopting: known[name])
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
