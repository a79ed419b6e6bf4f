import Topology

/// Which of a service's servers requests may go to, and by what rule: tiers, panic, zones.
/// The rules and their reasons are in docs/decisions/0008-panic.md.
struct ServerSelection {
  enum Rule: Equatable {
    case none
    /// Healthy ones of the tiers up to this priority.
    case healthy(upTo: Int, isLocal: Bool)
    /// So few are healthy that the checks are not believed.
    case panic
    /// Nobody is healthy.
    case lastResort
  }

  /// A tier with more servers may have checks that are wrong; with fewer they are believed.
  static let largestTrusted = 5

  private(set) var rule = Rule.none
  /// The lowest priority that has checked servers.
  private(set) var firstTier = 0
  private let threshold: Double

  init(_ servers: [Server], panicThreshold: Double) {
    threshold = min(max(panicThreshold, 0), 1)
    var tiers = Tiers()
    for server in servers where server.takesNewWork && server.health != .unknown {
      tiers.add(server)
    }
    tiers.sort()
    guard let first = tiers.all.first else { return }
    firstTier = first.priority
    let wanted = threshold * Double(first.checked)
    var healthy = 0
    var last = first.priority
    for tier in tiers.all {
      healthy += tier.healthy
      last = tier.priority
      if healthy > 0, Double(healthy) >= wanted { break }
    }
    if healthy == 0 {
      rule = .lastResort
    } else if Double(healthy) < wanted, first.checked > Self.largestTrusted {
      rule = .panic
    } else {
      let local = tiers.local(upTo: last)
      rule = .healthy(
        upTo: last,
        isLocal: local.healthy > 0 && Double(local.healthy) >= threshold * Double(local.checked))
    }
  }

  /// Nil where it is among the candidates.
  func exclusion(of server: Server) -> Balancer.Exclusion? {
    if server.isStandby { return .standby }
    switch server.availability {
    case .draining: return .draining
    case .maintenance: return .maintenance
    case .ready: break
    }
    if server.weight <= 0 { return .weightZero }
    if server.health == .unknown { return .unchecked }
    switch rule {
    case .none: return .unchecked
    case .panic, .lastResort: return server.priority == firstTier ? nil : .tier
    case .healthy(let last, let isLocal):
      if server.health != .healthy { return .unhealthy }
      if server.priority > last { return .tier }
      return isLocal && !server.isLocal ? .zone : nil
    }
  }
}

/// What the checks say of each tier.
private struct Tiers {
  struct Count {
    var checked = 0
    var healthy = 0
  }

  struct Tier {
    let priority: Int
    var checked = 0
    var healthy = 0
    var local = Count()
  }

  var all: [Tier] = []

  mutating func add(_ server: Server) {
    let isHealthy = server.health == .healthy ? 1 : 0
    let place: Int
    if let last = all.last, last.priority == server.priority {
      place = all.count - 1
    } else if let known = all.firstIndex(where: { $0.priority == server.priority }) {
      place = known
    } else {
      place = all.count
      all.append(Tier(priority: server.priority))
    }
    all[place].checked += 1
    all[place].healthy += isHealthy
    if server.isLocal {
      all[place].local.checked += 1
      all[place].local.healthy += isHealthy
    }
  }

  mutating func sort() { all.sort { $0.priority < $1.priority } }

  func local(upTo priority: Int) -> Count {
    var sum = Count()
    for tier in all where tier.priority <= priority {
      sum.checked += tier.local.checked
      sum.healthy += tier.local.healthy
    }
    return sum
  }
}
