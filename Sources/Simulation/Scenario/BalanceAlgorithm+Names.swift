public import Topology

extension BalanceAlgorithm {
  /// As a configuration calls it; a hash with its method.
  public var displayName: String {
    switch self {
    case .roundRobin: "round-robin"
    case .random: "random"
    case .powerOfTwo: "power-of-two"
    case .leastConnections: "least-connections"
    case .leastTime: "least-time"
    case .aggregateLoad: "aggregate-load"
    case .first: "first"
    case .hash(let policy):
      switch policy.method {
      case .ring: "hash (ring)"
      case .maglev: "hash (maglev)"
      case .rendezvous: "hash (rendezvous)"
      }
    }
  }
}
