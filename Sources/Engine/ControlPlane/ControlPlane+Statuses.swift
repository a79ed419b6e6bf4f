import AdminAPI
import Configuration
import Deployment
import EventLoop
import Faults
import Glibc
import HealthChecking
import Primitives
import Routing
import Scaling
import Topology

/// What the admin API shows.
extension ControlPlane {
  var engineStatus: EngineStatus {
    EngineStatus(
      version: BallastVersion.current, pid: Int(getpid()), startedAt: startedAt,
      topologyVersion: snapshot.version, configurationFile: loaded.path, workers: dataPlane.count,
      storeProblem: recorder.problem,
      draining: drainingEngines.isEmpty ? nil : drainingStatuses, backup: backupSchedule)
  }

  var serviceStatuses: [ServiceStatus] {
    input.settings.services.map { status(of: $0, serverStatuses(of: $0)) }
  }

  func serviceStatus(_ name: String) -> ServiceStatus? {
    input.settings.services.first { $0.name == name }
      .map { status(of: $0, serverStatuses(of: $0)) }
  }

  func status(of settings: ServiceSettings, _ servers: [ServerStatus]) -> ServiceStatus {
    let working = working(servers)
    let healthy = servers.count { $0.health == "healthy" && $0.state == "ready" }
    let decision = BalanceDecision(settings, servers: servers.count)
    var status = ServiceStatus(
      name: settings.name,
      state: working == 0 ? .down : working == servers.count ? .up : .degraded,
      balance: decision.balance.name, balanceReason: decision.reason, servers: servers.count,
      healthy: healthy)
    if let set = replicaSets[settings.name] {
      status.replicas = .init(
        desired: set.machine.count, running: set.machine.running, ready: set.machine.ready)
      status.version = settings.run?.version
      if set.machine.ready < set.machine.count, status.state == .up { status.state = .degraded }
    }
    if working == 0, settings.scale?.policy.minimum == 0,
      replicaSets[settings.name]?.wantedCount == 0
    {
      status.state = .asleep
    }
    guard let id = identities.knownService(settings.name) else { return status }
    if let traffic = history.latest?.services[id.index] {
      status.requests = traffic.requests
      status.failures = traffic.failures
      status.retries = traffic.retries
      status.inflight = traffic.inflight
    }
    let rates = history.rates(of: id)
    status.requestsPerSecond = rates.requestsPerSecond
    status.failuresPerSecond = rates.failuresPerSecond
    (status.p50, status.p99) = (rates.p50, rates.p99)
    return status
  }

  /// Those that take work; of a service with one active server, also those that wait to, if it does.
  private func working(_ servers: [ServerStatus]) -> Int {
    let able = servers.filter { $0.health == "healthy" && $0.state == "ready" && $0.weight > 0 }
    let isServed = able.contains { $0.role == nil || $0.role == "active" }
    return isServed ? able.count : 0
  }

  func serviceDetail(_ name: String, faults: [FaultRecord], events: [EventRecord])
    -> ServiceDetail?
  {
    guard let settings = input.settings.services.first(where: { $0.name == name }) else {
      return nil
    }
    let servers = serverStatuses(of: settings)
    return ServiceDetail(
      service: status(of: settings, servers), servers: servers,
      replicas: replicaStatuses(of: name),
      routes: routeStatuses.filter { $0.services?.contains(name) ?? ($0.service == name) },
      scale: scaleStatus(of: name), tune: tuneStatus(of: name), faults: faults, events: events)
  }

  // MARK: Servers

  func serverStatuses(service: String?) -> [ServerStatus] {
    input.settings.services.filter { service == nil || $0.name == service }
      .flatMap { serverStatuses(of: $0) }
  }

  func serverStatuses(of service: ServiceSettings) -> [ServerStatus] {
    input.servers(of: service).map { server in
      let name = ServerName(service: service.name, server: server.name)
      let condition = input.condition(of: name)
      let health = service.health.isWatched ? condition.health : .healthy
      var status = ServerStatus(
        service: service.name, name: server.name, address: "\(server.address)",
        weight: condition.weight ?? server.weight, backup: server.isBackup,
        state: condition.effectiveAvailability.rawValue, health: health.rawValue)
      status.role = role(of: name)
      if condition.weight == nil { status.tuned = condition.tunedWeight }
      if let check = self.health[name]?.lastCheck {
        status.lastCheck = .init(
          at: check.at, passed: check.result.passed, detail: check.result.detail,
          duration: check.duration.seconds)
      }
      guard let id = identities.knownServer(name) else { return status }
      if let traffic = history.latest?.servers[id.index] {
        status.requests = traffic.requests
        status.failures = traffic.failures
        status.inflight = traffic.inflight
        status.ejected = traffic.avoidedBy > 0
      }
      status.requestsPerSecond = history.requestsPerSecond(of: id)
      return status
    }
  }

  func serverStatus(_ name: ServerName) -> ServerStatus? {
    serverStatuses(service: name.service).first { $0.name == name.server }
  }

  // MARK: Replicas

  func replicaStatuses(of service: String? = nil) -> [AdminAPI.ReplicaStatus] {
    let (now, wall) = (Clock.now, Clock.wallTime)
    return replicaSets.sorted { $0.key < $1.key }
      .filter { service == nil || $0.key == service }
      .flatMap { name, set in
        set.machine.replicas.map { replica in
          let age = replica.startedAt.map { (now - $0).milliseconds }
          return AdminAPI.ReplicaStatus(
            service: name, name: replica.name, state: replica.state.rawValue,
            pid: replica.pid.map { Int($0) }, address: set.addresses[replica.name]?.description,
            restarts: replica.restarts,
            startedAt: age.map { WallTime(milliseconds: wall.milliseconds - $0) },
            lastExit: replica.lastExit,
            version: replica.template.flatMap { set.templates[$0]?.version },
            container: containers.container(of: replica.name))
        }
      }
  }

  // MARK: Routes and listeners

  /// The first asked first, by the first of its hosts.
  var routeStatuses: [RouteStatus] {
    let all = input.settings.listeners.filter { $0.protocol == .http }.map(\.name)
    let settings = input.settings.routes
    var seen: Set<Int> = []
    let order = RouteOrder.rules(settings.map { ($0.match, $0.priority) }).map(\.route)
    let routes = order.filter { seen.insert($0).inserted }.map { index in
      RouteStatus(
        settings[index],
        listeners: settings[index].listeners.isEmpty ? all : settings[index].listeners)
    }
    return routes
      + input.settings.listeners.compactMap { listener in
        listener.service.map {
          RouteStatus(
            RouteSettings(name: listener.name, action: .service($0)), listeners: [listener.name])
        }
      }
  }

  var listenerStatuses: [ListenerStatus] {
    input.settings.listeners.map { listener in
      let id = identities.knownListener(listener.name)
      let traffic = id.flatMap { history.latest?.listeners[$0.index] }
      return ListenerStatus(
        name: listener.name,
        address: "\(boundAddresses[listener.name] ?? listener.address)",
        protocol: listener.protocol.rawValue,
        connections: traffic?.open ?? 0, connectionsTotal: traffic?.accepted ?? 0,
        requestsPerSecond: id.map { history.requestsPerSecond(of: $0) } ?? 0)
    }
  }

  var configurationStatus: ConfigurationStatus {
    ConfigurationStatus(
      file: loaded.path, text: loaded.shownText, unsaved: loaded.isUnsaved,
      isFolder: loaded.isFolder,
      topologyVersion: snapshot.version, warnings: loaded.remarks.isEmpty ? nil : loaded.remarks)
  }
}
