import AdminAPI
import Configuration
import Primitives
import Topology

/// One service on its way from one configuration to another: who is there, who leaves, and how few
/// take work in between.
struct ServiceForecast {
  let name: String
  /// nil for a service that is new, and for one that goes.
  let old: ServiceSettings?
  let new: ServiceSettings?
  let picture: ServicePicture

  // MARK: How many take work

  var ready: ServicePlan.Ready {
    let kept = fileServers.filter { $0.isKept && $0.now?.isReady == true && $0.weight > 0 }.count
    let fresh = fileServers.filter { !$0.isKept && $0.weight > 0 }.count
    // Unchecked ones take work with the topology that has them, others after their first check.
    let isWatched = new?.health.isWatched ?? true
    let replicas = replicas
    return ServicePlan.Ready(
      now: picture.ready, lowest: kept + (isWatched ? 0 : fresh) + replicas.lowest,
      after: kept + fresh + replicas.after)
  }

  private var replicas: (lowest: Int, after: Int) {
    guard new?.run != nil else { return (0, 0) }
    let ready = picture.servers.count { $0.isReplica && $0.isReady }
    let wanted = picture.replicas.after
    guard let rollout else { return (min(ready, wanted), wanted) }
    return (min(ready, max(0, wanted - rollout.maxUnavailable)), wanted)
  }

  /// How the replicas are replaced; nil when they are not.
  var rollout: RolloutShape? {
    guard let new, new.run != nil, picture.isReplaced, old?.run != nil else { return nil }
    return RolloutShape(new, replicas: picture.replicas.after)
  }

  // MARK: Who leaves

  var leaving: ServicePlan.Leaving {
    let names = leavingNames
    let servers = picture.servers.filter { names.contains($0.name) }
    // A cookie that we set says the server itself, and nobody counts those.
    let isCounted = if case .inserted? = old?.sticky { false } else { true }
    return ServicePlan.Leaving(
      servers: servers.map(\.name), connections: servers.reduce(0) { $0 + $1.connections },
      requests: servers.reduce(0) { $0 + $1.inflight },
      sessions: isCounted || servers.isEmpty ? servers.reduce(0) { $0 + $1.sessions } : nil)
  }

  private var leavingNames: Set<String> {
    let kept = Set(fileServers.filter(\.isKept).map(\.name))
    let stay = rollout == nil ? replicasAfterwards : []
    return Set(picture.servers.map(\.name)).subtracting(kept).subtracting(stay)
  }

  // MARK: Hashing

  var remappedKeys: Double? {
    guard let old, let new else { return nil }
    let before = picture.servers.map(PlannedServer.init)
    let after = afterwards
    let numbers = Dictionary(
      (before + after).map(\.name).enumerated().map { ($1, $0) }
    ) { first, _ in first }
    return HashRemap.share(
      before: service(old, before, numbers), after: service(new, after, numbers))
  }

  /// Those that there will be, with what is known of them now; new ones are taken as healthy.
  private var afterwards: [PlannedServer] {
    var servers: [PlannedServer] = fileServers.map { server in
      var planned = PlannedServer(server.settings)
      if server.isKept, let now = server.now { planned = PlannedServer(now) }
      planned.weight = server.weight
      planned.priority = server.settings.priority
      return planned
    }
    for replica in replicasAfterwards {
      let now = picture.servers.first { $0.name == replica && $0.isReplica }
      servers.append(now.map(PlannedServer.init) ?? PlannedServer(named: replica))
    }
    return servers
  }

  /// Those that stay have their names; further ones take the lowest free numbers. One that is replaced is
  /// another server, whatever its name: no key finds there what it left.
  private var replicasAfterwards: [String] {
    guard new?.run != nil else { return [] }
    let count = max(0, picture.replicas.after)
    if rollout != nil { return (0..<count).map { "\(name) \($0)" } }
    let numbers = picture.servers.filter(\.isReplica).compactMap(number(of:)).sorted()
    let kept = numbers.prefix(count)
    let free = (1...).lazy.filter { !kept.contains($0) }
    return (kept + free.prefix(count - kept.count)).map { "\(name)-\($0)" }
  }

  private func number(of replica: ServicePicture.Server) -> Int? {
    replica.name.hasPrefix(name + "-") ? Int(replica.name.dropFirst(name.count + 1)) : nil
  }

  private func service(
    _ settings: ServiceSettings, _ servers: [PlannedServer], _ numbers: [String: Int]
  ) -> Service {
    let decision = BalanceDecision(settings, servers: servers.count)
    return Service(
      id: ServiceID(0), name: name, algorithm: BalanceAlgorithm(decision.balance),
      servers: servers.map { $0.server(ServerID(numbers[$0.name] ?? 0)) },
      panicThreshold: settings.panic)
  }

  // MARK: The file's servers

  private struct FileServer {
    var settings: ServerSettings
    /// What it is now; nil for a new one.
    var now: ServicePicture.Server?
    /// The same name at the same address: to the data plane the same server.
    var isKept: Bool
    /// With what an operator has set.
    var weight: Int
    var name: String { settings.name }
  }

  private var fileServers: [FileServer] {
    (new?.servers ?? []).map { settings in
      let now = picture.servers.first { $0.name == settings.name && !$0.isReplica }
      let before = old?.servers.first { $0.name == settings.name }
      let isOverridden = now.map { $0.weight != before?.weight } ?? false
      return FileServer(
        settings: settings, now: now, isKept: now?.address == settings.address,
        weight: isOverridden ? now?.weight ?? settings.weight : settings.weight)
    }
  }
}

/// A server as the balancer is asked about it.
private struct PlannedServer {
  var name: String
  var weight = 1
  var priority = 0
  var isLocal = true
  var availability = Server.Availability.ready
  var health = Server.Health.healthy
  var isStandby = false

  init(named name: String) { self.name = name }

  init(_ settings: ServerSettings) { name = settings.name }

  init(_ server: ServicePicture.Server) {
    name = server.name
    weight = server.weight
    priority = server.priority
    isLocal = server.isLocal
    availability = server.availability
    health = server.health
    isStandby = server.isStandby
  }

  func server(_ id: ServerID) -> Server {
    Server(
      id: id, name: name, address: .loopback(port: 1), weight: weight, priority: priority,
      isLocal: isLocal, availability: availability, health: health, isStandby: isStandby)
  }
}
