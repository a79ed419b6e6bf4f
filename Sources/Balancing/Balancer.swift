public import Primitives
public import Topology

/// Chooses a server for each request of one service. Knows the topology's word (health, weight,
/// availability); the loop's own traffic comes in as `loads`.
///
/// Tiers: healthy primaries; else healthy backups; else, since something is better than nothing,
/// every primary that has been checked at all. A server that failed here a moment ago is passed
/// over while there is another; the last one never is.
public struct Balancer: Sendable {
  public enum Choice: Sendable, Equatable {
    /// A `ServerID.index`.
    case server(Int)
    /// Every server is at its limit: wait.
    case full
    case none
  }

  struct Candidate: Sendable {
    let server: Int
    let weight: Int
    /// Smooth weighted round robin: what this one is owed.
    var credit = 0
  }

  /// What a request brings to the choice.
  public struct Request: Sendable {
    /// Servers that it was sent to already; used again only if nothing else is.
    public var tried = TriedServers()
    /// Of the parts that the service hashes; 0 where it hashes nothing.
    public var key: UInt64 = 0
    /// `ServerID.index` of the server that the client's session is at.
    public var session: Int?

    public init() {}
  }

  private var algorithm: BalanceAlgorithm
  private var limits: Limits
  private var candidates: [Candidate]
  private var hasEqualWeights = true
  private var next = 0

  public init() {
    algorithm = .roundRobin
    limits = Limits()
    candidates = []
  }

  /// Takes over a topology's word. What it doesn't change stays as it is.
  /// - Parameters:
  ///   - limits: one loop's share of the service's.
  ///   - loads: indexed by `ServerID.index`, with a place for each of the service's servers.
  public mutating func adopt(
    _ service: Service, limits: Limits, loads: inout [ServerLoad], now: Instant
  ) {
    algorithm = service.algorithm
    self.limits = limits
    candidates = Self.tier(of: service).map { Candidate(server: $0.id.index, weight: $0.weight) }
    hasEqualWeights = Set(candidates.map(\.weight)).count <= 1
  }

  /// A server's requests under way became more or fewer.
  public mutating func loadChanged(_ server: Int, loads: [ServerLoad]) {}

  /// Whether another of the servers may be left out now.
  public func mayEject(loads: [ServerLoad], now: Instant) -> Bool { false }

  static func tier(of service: Service) -> [Server] {
    let open = service.servers.filter(\.takesNewWork)
    let healthy = open.filter { $0.health == .healthy }
    let primaries = healthy.filter { $0.priority == 0 }
    if !primaries.isEmpty { return primaries }
    if !healthy.isEmpty { return healthy }
    let checked = open.filter { $0.health != .unknown }
    let checkedPrimaries = checked.filter { $0.priority == 0 }
    return checkedPrimaries.isEmpty ? checked : checkedPrimaries
  }

  /// Chooses for one try.
  /// - Parameter loads: indexed by `ServerID.index`.
  public mutating func choose(
    _ request: Request, loads: [ServerLoad], now: Instant, random: inout SeededRandom
  ) -> Choice {
    if candidates.isEmpty { return .none }
    for leniency in Leniency.allCases {
      let filter = Filter(leniency: leniency, limits: limits, tried: request.tried, now: now)
      if let index = pick(loads, filter, &random) { return .server(candidates[index].server) }
    }
    return .full
  }

  private mutating func pick(
    _ loads: [ServerLoad], _ filter: Filter, _ random: inout SeededRandom
  ) -> Int? {
    switch algorithm {
    case .random, .powerOfTwo: pickRandom(loads, filter, &random)
    case .leastConnections, .leastTime, .aggregateLoad: pickLeast(loads, filter)
    case .roundRobin, .first, .hash:
      hasEqualWeights ? pickNext(loads, filter) : pickSmooth(loads, filter)
    }
  }
}

/// What a candidate is forgiven, strictest first.
enum Leniency: CaseIterable {
  case none, avoided, tried
}

struct Filter {
  let leniency: Leniency
  let limits: Limits
  let tried: TriedServers
  let now: Instant

  func accepts(_ server: Int, _ load: ServerLoad) -> Bool {
    if limits.requests > 0, load.inflight >= limits.requests { return false }
    // An idle connection may be reused, so only busy ones count against the limit.
    if limits.connections > 0, load.inflight >= limits.connections { return false }
    switch leniency {
    case .none: return load.breaker.admits(now) && !tried.contains(server)
    case .avoided: return !tried.contains(server)
    case .tried: return true
    }
  }
}

extension Balancer {
  /// One after the other.
  private mutating func pickNext(_ loads: [ServerLoad], _ filter: Filter) -> Int? {
    for step in 0..<candidates.count {
      let index = (next + step) % candidates.count
      let server = candidates[index].server
      if filter.accepts(server, loads[server]) {
        next = index + 1
        return index
      }
    }
    return nil
  }

  /// Smooth weighted round robin, as nginx does it: each choice adds every weight to its
  /// candidate's credit, takes the richest, and charges it the sum.
  private mutating func pickSmooth(_ loads: [ServerLoad], _ filter: Filter) -> Int? {
    var best: Int?
    var total = 0
    for index in candidates.indices {
      let server = candidates[index].server
      guard filter.accepts(server, loads[server]) else { continue }
      candidates[index].credit += candidates[index].weight
      total += candidates[index].weight
      if best.map({ candidates[index].credit > candidates[$0].credit }) ?? true { best = index }
    }
    if let best { candidates[best].credit -= total }
    return best
  }

  /// In proportion to the weights.
  private func pickRandom(
    _ loads: [ServerLoad], _ filter: Filter, _ random: inout SeededRandom
  ) -> Int? {
    var total = 0
    for candidate in candidates where filter.accepts(candidate.server, loads[candidate.server]) {
      total += candidate.weight
    }
    var ticket = random.below(total)
    for (index, candidate) in candidates.enumerated()
    where filter.accepts(candidate.server, loads[candidate.server]) {
      if ticket < candidate.weight { return index }
      ticket -= candidate.weight
    }
    return nil
  }

  /// The fewest requests under way for its weight. Ties go round, so that idle servers share.
  private mutating func pickLeast(_ loads: [ServerLoad], _ filter: Filter) -> Int? {
    var best: Int?
    for step in 0..<candidates.count {
      let index = (next + step) % candidates.count
      let candidate = candidates[index]
      guard filter.accepts(candidate.server, loads[candidate.server]) else { continue }
      guard let leader = best.map({ candidates[$0] }) else {
        best = index
        continue
      }
      let cost = (loads[candidate.server].inflight + 1).multipliedFullWidth(by: leader.weight)
      let leaderCost =
        (loads[leader.server].inflight + 1).multipliedFullWidth(by: candidate.weight)
      if (cost.high, cost.low) < (leaderCost.high, leaderCost.low) { best = index }
    }
    if let best { next = best + 1 }
    return best
  }
}
