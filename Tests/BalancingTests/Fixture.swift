import Balancing
import Primitives
import Topology

/// A server of a test, described by what differs from a healthy one of weight 1.
func server(
  _ index: Int, weight: Int = 1, backup: Bool = false, priority: Int? = nil,
  isLocal: Bool = true, availability: Server.Availability = .ready,
  health: Server.Health = .healthy, healthySince: Instant? = nil, isStandby: Bool = false
) -> Server {
  Server(
    id: ServerID(index), name: "s\(index)", address: .loopback(port: 1), weight: weight,
    priority: priority ?? (backup ? 1 : 0), isLocal: isLocal, availability: availability,
    health: health, healthySince: healthySince, isStandby: isStandby)
}

/// A balancer with what it is asked about.
struct Fixture {
  var balancer: Balancer
  var loads: [ServerLoad]
  var request = Balancer.Request()
  var now = Instant(nanoseconds: 1_000_000_000)
  var random: SeededRandom

  /// Counts from the next `adopt` on.
  var algorithm: BalanceAlgorithm
  private let limits: Limits
  private let slowStart: TimeSpan

  init(
    _ algorithm: BalanceAlgorithm, _ servers: [Server], limits: Limits = Limits(),
    slowStart: TimeSpan = .zero, seed: UInt64 = 1
  ) {
    self.algorithm = algorithm
    self.limits = limits
    self.slowStart = slowStart
    random = SeededRandom(seed: seed)
    balancer = Balancer()
    loads = []
    adopt(servers)
  }

  /// Takes over other servers.
  mutating func adopt(
    _ servers: [Server], ejection: EjectionPolicy = EjectionPolicy(), panicThreshold: Double = 0.5
  ) {
    let service = Service(
      id: ServiceID(0), name: "s", algorithm: algorithm, servers: servers, ejection: ejection,
      slowStart: slowStart, panicThreshold: panicThreshold)
    while loads.count <= servers.map(\.id.index).max() ?? -1 { loads.append(ServerLoad()) }
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

  /// A request is sent to a server.
  mutating func begin(_ server: Int) {
    loads[server].began(now)
    balancer.loadChanged(server, loads: loads)
  }

  /// Its answer came, and it is done.
  mutating func end(_ server: Int, after latency: TimeSpan, isFailure: Bool = false) {
    _ = loads[server].answered(
      isFailure: isFailure, after: latency, policy: EjectionPolicy(), mayEject: false, now: now)
    loads[server].ended()
    balancer.loadChanged(server, loads: loads)
  }

  /// A server answers badly so many times.
  /// - Returns: whether that changed something for it.
  mutating func fail(_ server: Int, times: Int, policy: EjectionPolicy) -> Bool {
    var hasChanged = false
    for _ in 0..<times {
      loads[server].began(now)
      let mayEject = balancer.mayEject(loads: loads, now: now)
      let change = loads[server].answered(
        isFailure: true, after: .zero, policy: policy, mayEject: mayEject, now: now)
      hasChanged = hasChanged || change != nil
      loads[server].ended()
      balancer.loadChanged(server, loads: loads)
    }
    return hasChanged
  }

  /// What a server's weight counts for now.
  func weight(of server: Int) -> Double? {
    balancer.explain(request, loads: loads, now: now).candidates
      .first { $0.server == server }?.weight
  }

  /// Each with another key.
  mutating func choose() -> Balancer.Choice {
    request.key &+= 1
    return balancer.choose(request, loads: loads, now: now, random: &random)
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

let hashes: [BalanceAlgorithm] = [HashPolicy.Method.ring, .maglev, .rendezvous].map {
  .hash(HashPolicy(method: $0))
}

/// Those that give equal servers equal shares, whatever the requests are.
let sharingAlgorithms: [BalanceAlgorithm] = [
  .roundRobin, .random, .powerOfTwo, .leastConnections, .leastTime, .aggregateLoad,
]

let everyAlgorithm: [BalanceAlgorithm] =
  sharingAlgorithms + [.first] + hashes + [.hash(HashPolicy(boundedLoad: 1.25))]
