import Balancing
import Configuration
import Deployment
import EventLoop
import Faults
import HealthChecking
import Primitives
import Topology

/// From what is known to what is served.
extension ControlPlane {
  /// A new topology goes out at the end of this turn of the loop, with all that changed in it.
  func changed() {
    guard !isPublishPlanned else { return }
    isPublishPlanned = true
    reactor.schedule(after: .zero) { self.publish() }
  }

  func publish() {
    isPublishPlanned = false
    guard !isRetired else { return }
    followStandbys()
    snapshot = TopologyBuilder.build(
      version: snapshot.version + 1, input, identities: &identities)
    dataPlane.publish(snapshot)
    if dataPlane.makesTraces { dataPlane.nameTraces(TraceNames(identities, snapshot)) }
    log.debug("topology \(snapshot.version) is published")
    for name in forgiven {
      if let id = identities.knownServer(name) { dataPlane.forgive(id) }
    }
    forgiven = []
    if drain == nil { tellServers() }
    judgeServices()
    saveHealth()
  }

  /// Servers of a service that take work now.
  func working(_ service: String) -> Int {
    guard let service = snapshot.services.first(where: { $0.name == service }) else { return 0 }
    return service.servers.count { $0.health == .healthy && $0.takesNewWork }
  }

  /// A service is down when it was up, when the checks of all of its servers have failed, or when all
  /// of its replicas end again and again: one that only begins is neither up nor down.
  private func judgeServices() {
    var known: [String: Bool] = [:]
    for service in snapshot.services {
      let before = takesWork[service.name]
      let isUp = service.servers.contains { $0.health == .healthy && $0.takesNewWork }
      if isUp {
        // Also of a fault that an engine before this one left open.
        if before != true { recorder.handle(.serviceUp(service.name)) }
        known[service.name] = true
        continue
      }
      // Nobody is active for now: a fault only if the failover is one.
      if standbys[service.name]?.isSwitching == true {
        known[service.name] = before
        continue
      }
      if before == true, isUnchecked(service) {
        known[service.name] = true
        continue
      }
      let named = input.settings.services.first { $0.name == service.name }?.servers.count ?? 0
      let wanted = named + (replicaSets[service.name]?.wantedCount ?? 0)
      let isCertain =
        before != nil || isLooping(service.name)
        || !service.servers.isEmpty && service.servers.allSatisfy { $0.health == .unhealthy }
      guard wanted > 0, isCertain else {
        if before == false { recorder.handle(.serviceUnwanted(service.name)) }
        continue
      }
      if before != false { recorder.handle(.serviceDown(service.name)) }
      known[service.name] = false
    }
    takesWork = known
  }

  /// Whether all of its servers are new by configuration: the first check says what they are.
  private func isUnchecked(_ service: Service) -> Bool {
    guard replicaSets[service.name] == nil, !service.servers.isEmpty else { return false }
    return service.servers.allSatisfy { server in
      let name = ServerName(service: service.name, server: server.name)
      return server.health == .unknown && health[name]?.lastCheck == nil
    }
  }

  private func isLooping(_ service: String) -> Bool {
    guard let replicas = replicaSets[service]?.machine.replicas, !replicas.isEmpty else {
      return false
    }
    return replicas.allSatisfy { $0.state == .crashLoop }
  }

  // MARK: Health

  func healthChanged(_ watch: ServerWatch, _ change: HealthChange) {
    let name = watch.name
    input.conditions[name, default: ServerCondition()].health = Server.Health(change.to)
    input.conditions[name]?.healthySince = change.to == .healthy ? Clock.now : nil
    let sign = TimeSpan.milliseconds((Clock.now - change.firstSign).milliseconds)
    let began = WallTime(milliseconds: Clock.wallTime.milliseconds - sign.milliseconds)
    switch change.to {
    case .healthy:
      forgiven.insert(name)
      ejected.remove(name)
      recorder.handle(.serverHealthy(name))
      replicaHealthChanged(name, isHealthy: true)
    case .unhealthy:
      let others = working(name.service) - (change.from == .healthy ? 1 : 0)
      recorder.handle(
        .serverUnhealthy(name, cause: change.cause, began: began, others: max(0, others)))
      drilledServer(name, isLeftOut: change.cause)
      replicaHealthChanged(name, isHealthy: false)
    case .unknown: break
    }
    changed()
  }

  /// The next engine begins with what this one knew, so that it need not wait for its checks.
  private func saveHealth() {
    var known: [ServerName: HealthState] = [:]
    for watch in health.all where watch.state != .unknown {
      known[watch.name] = watch.state
    }
    guard let text = RecalledState.text(health: known), text != savedHealth else { return }
    savedHealth = text
    recorder.writer.write(.value(text, key: RecalledState.healthKey))
  }

  /// Faults of what is gone are over, and those of one machine may be one.
  func tellServers() {
    let present = FaultySites(servers: serverNames, machines: machines)
    guard present != toldServers else { return }
    toldServers = present
    recorder.handle(.topologyChanged(present.servers, machines: present.machines))
  }

  /// The addresses of those that can be found to have failed: what nobody checks, or is being worked
  /// on, says nothing of its machine.
  /// A replica has its machine also while it has no process, and so no address.
  private var machines: [ServerName: String] {
    var machines: [ServerName: String] = [:]
    for service in input.settings.services {
      for server in service.servers where service.health.isWatched {
        if case .unix = server.address { continue }
        machines[ServerName(service: service.name, server: server.name)] = server.address.host
      }
      for replica in replicaSets[service.name]?.machine.replicas ?? [] {
        let name = ServerName(service: service.name, server: replica.name)
        let address = replicaSets[service.name]?.addresses[replica.name] ?? .loopback(port: 0)
        machines[name] = address.host
      }
    }
    return machines.filter { name, _ in
      input.condition(of: name).effectiveAvailability != .maintenance
    }
  }

  /// All servers that there are or are meant to be, by service.
  var serverNames: [String: Set<String>] {
    var names: [String: Set<String>] = [:]
    for service in input.settings.services {
      names[service.name] = Set(input.servers(of: service).map(\.name))
        .union(replicaSets[service.name]?.machine.replicas.map(\.name) ?? [])
    }
    return names
  }

  // MARK: What workers see

  func takeNotices() {
    for notice in notices.takeAll() {
      switch notice {
      case .serverFailed(let id, let failure, let detail):
        guard identities.servers.indices.contains(id.index) else { continue }
        let name = identities.servers[id.index]
        health[name]?.trafficFailed()
        guard announced.allows(name, now: Clock.now) else { continue }
        recorder.note(
          "server-failed", .warning, service: name.service, server: name.server,
          "a request to \(name) failed: \(failure.rawValue)"
            + (detail.isEmpty || detail == failure.rawValue ? "" : ", \(detail)"))
      case .breakerChanged(let id, let change): breakerChanged(id, change)
      case .serverWanted(let id): serverWanted(id)
      case .sessions(let entries): dataPlane.share(entries)
      case .acceptPaused(let cause, let connections): acceptPaused(cause, connections)
      case .limitExceeded(let id, let client, let excess): limitExceeded(id, client, excess)
      case .tracesFailing(let problem): tracesChanged(problem)
      case .tracesDelivered: tracesChanged(nil)
      case .drained(let worker):
        drain?.drainedWorkers.insert(worker)
        if drain?.drainedWorkers.count == dataPlane.count { finishDrain() }
      case .failed(let worker, let error):
        log.error("worker \(worker) could not begin: \(error)")
        end(1)
      }
    }
  }
}

extension ControlPlane {
  /// What one worker holds against a server, the others need not find out for themselves.
  private func breakerChanged(_ id: ServerID, _ change: CircuitBreaker.Change) {
    guard identities.servers.indices.contains(id.index) else { return }
    let name = identities.servers[id.index]
    switch change {
    case .ejected(let until, let cause):
      dataPlane.eject(id, until: until)
      ejected.insert(name)
      drilledServer(name, isLeftOut: cause)
      recorder.handle(
        .serverEjected(
          name, cause: cause, time: until - Clock.now, others: max(0, working(name.service) - 1)))
      decided(
        "server.eject", "\(name)", because: "left out for \(until - Clock.now): \(cause)")
    case .readmitted:
      // Each worker convinces itself; the first one's word is the news.
      guard ejected.remove(name) != nil else { return }
      recorder.handle(.serverReadmitted(name))
      decided("server.readmit", "\(name)")
    }
  }
}

/// Where faults can be, as the ledger knows it.
struct FaultySites: Equatable {
  var servers: [String: Set<String>] = [:]
  var machines: [ServerName: String] = [:]
}

/// Failures that workers see become events at most once in a while for each server: under load there
/// are thousands a second.
struct ServerNoticeLimiter {
  static let pause = TimeSpan.seconds(10)
  private var latest: [ServerName: Instant] = [:]

  mutating func allows(_ name: ServerName, now: Instant) -> Bool {
    if let before = latest[name], now - before < Self.pause { return false }
    latest[name] = now
    return true
  }
}
