import Balancing
import Primitives
import Topology

/// A server of a test, described by what differs from a healthy one of weight 1.
func server(
  _ index: Int, weight: Int = 1, backup: Bool = false,
  availability: Server.Availability = .ready, health: Server.Health = .healthy
) -> Server {
  Server(
    id: ServerID(index), name: "s\(index)", address: .loopback(port: 1), weight: weight,
    priority: backup ? 1 : 0, availability: availability, health: health)
}

/// A balancer with what it is asked about.
struct Fixture {
  var balancer: Balancer
  var loads: [ServerLoad]
  var request = Balancer.Request()
  var now = Instant(nanoseconds: 1_000_000_000)
  var random = SeededRandom(seed: 1)

  init(_ algorithm: BalanceAlgorithm, _ servers: [Server], limits: Limits = Limits()) {
    let service = Service(id: ServiceID(0), name: "s", algorithm: algorithm, servers: servers)
    loads = Array(
      repeating: ServerLoad(), count: (servers.map(\.id.index).max() ?? -1) + 1)
    balancer = Balancer()
    balancer.adopt(service, limits: limits, loads: &loads, now: now)
  }

  /// So many requests are under way at a server.
  mutating func set(_ server: Int, inflight: Int) {
    while loads[server].inflight < inflight { loads[server].began(now) }
    while loads[server].inflight > inflight { loads[server].ended() }
    balancer.loadChanged(server, loads: loads)
  }

  /// A server refuses a connection.
  mutating func refuse(_ server: Int) {
    _ = loads[server].failed(
      isCertain: true, after: .zero, policy: EjectionPolicy(), mayEject: false, now: now)
    balancer.loadChanged(server, loads: loads)
  }

  mutating func choose() -> Balancer.Choice {
    balancer.choose(request, loads: loads, now: now, random: &random)
  }

  /// The servers of so many choices; -1 for none, -2 for full.
  mutating func choices(_ count: Int) -> [Int] {
    (0..<count).map { _ in
      switch choose() {
      case .server(let server): server
      case .none: -1
      case .full: -2
      }
    }
  }

  mutating func shares(_ count: Int) -> [Int: Int] {
    choices(count).reduce(into: [:]) { $0[$1, default: 0] += 1 }
  }
}

let everyAlgorithm: [BalanceAlgorithm] = [.roundRobin, .random, .leastConnections]
