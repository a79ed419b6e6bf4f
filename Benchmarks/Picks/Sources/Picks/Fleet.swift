import Balancing
import Primitives
import Topology

/// A balancer over many servers, with traffic under way.
struct Fleet {
  static let size = 1_000

  let algorithm: BalanceAlgorithm
  let weight: @Sendable (Int) -> Int
  var balancer = Balancer()
  var loads = Array(repeating: ServerLoad(), count: Fleet.size)
  var random = SeededRandom(seed: 1)
  var now = Instant(nanoseconds: 1_000_000_000_000)

  init(_ algorithm: BalanceAlgorithm, weight: @escaping @Sendable (Int) -> Int) {
    self.algorithm = algorithm
    self.weight = weight
    adopt(service())
    for server in 0..<Self.size {
      for _ in 0..<random.below(8) { begin(server) }
      loads[server].measured(
        MeasuredLoad(cpu: random.fraction(), memory: random.fraction(), measured: now))
      begin(server)
      end(server, after: .milliseconds(Int64(5 + random.below(20))))
    }
  }

  /// The fleet with one server other than usual.
  func service(heavier: Int? = nil, gone: Int? = nil) -> Service {
    Service(
      id: ServiceID(0), name: "fleet", algorithm: algorithm,
      servers: (0..<Self.size).map { index in
        Server(
          id: ServerID(index), name: "server-\(index)", address: .loopback(port: 80),
          weight: weight(index) + (index == heavier ? 1 : 0),
          health: index == gone ? .unhealthy : .healthy)
      })
  }

  mutating func adopt(_ service: Service) {
    balancer.adopt(service, limits: Limits(), loads: &loads, now: now)
  }

  mutating func eject(_ server: Int) {
    loads[server].breaker.eject(until: now + .hours(1), now: now)
    balancer.loadChanged(server, loads: loads)
  }

  @inline(__always) mutating func choose() -> Int {
    var request = Balancer.Request()
    request.key = random.next()
    now = now + .microseconds(10)
    switch balancer.choose(request, loads: loads, now: now, random: &random) {
    case .server(let server): return server
    case .full, .none: return -1
    }
  }

  @inline(__always) mutating func begin(_ server: Int) {
    loads[server].began(now)
    balancer.loadChanged(server, loads: loads)
  }

  @inline(__always) mutating func end(_ server: Int, after latency: TimeSpan) {
    _ = loads[server].answered(
      isFailure: false, after: latency, policy: EjectionPolicy(), mayEject: false, now: now)
    loads[server].ended()
    balancer.loadChanged(server, loads: loads)
  }
}
