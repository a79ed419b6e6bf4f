public import Faults
public import Primitives

public struct EngineStatus: Codable, Sendable, Equatable {
  public var version: String
  public var pid: Int
  public var startedAt: WallTime
  public var topologyVersion: UInt64
  public var configurationFile: String
  public var workers: Int
  /// Serves from memory only, since the state could not be opened or written.
  public var storeProblem: String?
  /// Engines that this one has replaced, and that still finish; nil for none.
  public var draining: [DrainingStatus]?
  /// Nil without a schedule of backups.
  public var backup: BackupScheduleStatus?

  public init(
    version: String, pid: Int, startedAt: WallTime, topologyVersion: UInt64,
    configurationFile: String, workers: Int, storeProblem: String? = nil,
    draining: [DrainingStatus]? = nil, backup: BackupScheduleStatus? = nil
  ) {
    self.backup = backup
    self.version = version
    self.pid = pid
    self.startedAt = startedAt
    self.topologyVersion = topologyVersion
    self.configurationFile = configurationFile
    self.workers = workers
    self.storeProblem = storeProblem
    self.draining = draining
  }
}

public struct ServiceStatus: Codable, Sendable, Equatable {
  public enum State: String, Codable, Sendable {
    /// Every server takes work · some do · none does · none runs until a request comes.
    case up, degraded, down, asleep
  }

  public struct ReplicaCounts: Codable, Sendable, Equatable {
    public var desired: Int
    public var running: Int
    public var ready: Int

    public init(desired: Int, running: Int, ready: Int) {
      self.desired = desired
      self.running = running
      self.ready = ready
    }
  }

  public var name: String
  public var state: State
  public var balance: String
  /// Why it is that algorithm: `the configuration names it` …
  public var balanceReason: String?
  /// All servers, and those of them that are healthy and ready.
  public var servers: Int
  public var healthy: Int
  /// Since the engine started.
  public var requests: UInt64
  /// Answers of 5xx, and requests that got none.
  public var failures: UInt64
  public var retries: UInt64
  public var inflight: Int
  /// Over the last ten seconds.
  public var requestsPerSecond: Double
  public var failuresPerSecond: Double
  /// Seconds, over the last ten seconds; nil without requests.
  public var p50: Double?
  public var p99: Double?
  /// Nil when Ballast does not run this service itself.
  public var replicas: ReplicaCounts?
  public var version: String?

  public init(
    name: String, state: State, balance: String, balanceReason: String? = nil, servers: Int,
    healthy: Int, requests: UInt64 = 0, failures: UInt64 = 0, retries: UInt64 = 0,
    inflight: Int = 0, requestsPerSecond: Double = 0,
    failuresPerSecond: Double = 0, p50: Double? = nil, p99: Double? = nil,
    replicas: ReplicaCounts? = nil, version: String? = nil
  ) {
    self.name = name
    self.state = state
    self.balance = balance
    self.balanceReason = balanceReason
    self.servers = servers
    self.healthy = healthy
    self.requests = requests
    self.failures = failures
    self.retries = retries
    self.inflight = inflight
    self.requestsPerSecond = requestsPerSecond
    self.failuresPerSecond = failuresPerSecond
    self.p50 = p50
    self.p99 = p99
    self.replicas = replicas
    self.version = version
  }
}

public struct ServiceDetail: Codable, Sendable, Equatable {
  public var service: ServiceStatus
  public var servers: [ServerStatus]
  public var replicas: [ReplicaStatus]
  public var routes: [RouteStatus]
  /// Nil without an autoscaler.
  public var scale: ScaleStatus?
  /// Nil where weights stay as they are written.
  public var tune: TuneStatus?
  public var faults: [FaultRecord]
  public var events: [EventRecord]

  public init(
    service: ServiceStatus, servers: [ServerStatus], replicas: [ReplicaStatus],
    routes: [RouteStatus], scale: ScaleStatus? = nil, tune: TuneStatus? = nil,
    faults: [FaultRecord], events: [EventRecord]
  ) {
    self.scale = scale
    self.tune = tune
    self.service = service
    self.servers = servers
    self.replicas = replicas
    self.routes = routes
    self.faults = faults
    self.events = events
  }
}

public struct ServerStatus: Codable, Sendable, Equatable {
  public struct LastCheck: Codable, Sendable, Equatable {
    public var at: WallTime
    public var passed: Bool
    /// What was seen: `200`, `connection refused`, `timeout after 1s` …
    public var detail: String
    /// Seconds.
    public var duration: Double

    public init(at: WallTime, passed: Bool, detail: String, duration: Double) {
      self.at = at
      self.passed = passed
      self.detail = detail
      self.duration = duration
    }
  }

  public var service: String
  public var name: String
  public var address: String
  public var weight: Int
  /// Percent of the weight that the tuning makes of it; nil where that is all of it.
  public var tuned: Int?
  public var backup: Bool
  /// `ready`, `draining`, `maintenance`.
  public var state: String
  /// `unknown`, `healthy`, `unhealthy`.
  public var health: String
  /// Left out by the workers for now, after failures that they saw themselves.
  public var ejected: Bool
  /// `active`, `promoting` or `standby` in a service with one active server; nil elsewhere.
  public var role: String?
  public var inflight: Int
  public var requests: UInt64
  public var failures: UInt64
  public var requestsPerSecond: Double
  public var lastCheck: LastCheck?

  public init(
    service: String, name: String, address: String, weight: Int, backup: Bool = false,
    state: String, health: String, ejected: Bool = false, role: String? = nil, inflight: Int = 0,
    requests: UInt64 = 0, failures: UInt64 = 0, requestsPerSecond: Double = 0,
    lastCheck: LastCheck? = nil
  ) {
    self.service = service
    self.name = name
    self.address = address
    self.weight = weight
    self.backup = backup
    self.state = state
    self.health = health
    self.ejected = ejected
    self.role = role
    self.inflight = inflight
    self.requests = requests
    self.failures = failures
    self.requestsPerSecond = requestsPerSecond
    self.lastCheck = lastCheck
  }
}

public struct RouteStatus: Codable, Sendable, Equatable {
  public var name: String
  public var listeners: [String]
  /// As written in the configuration, several with commas; nil takes any host.
  public var host: String?
  /// As written in the configuration: `/api/*`; nil takes any path.
  public var path: String?
  /// What else a request must be like: `method GET`, `header x-beta: 1`; nil for nothing.
  public var conditions: [String]?
  public var priority: Int
  /// What becomes of a request, in words; of a route with one service its name.
  public var action: String?
  /// Nil for a route that has not just one.
  public var service: String?
  /// All that its requests may go to.
  public var services: [String]?
  /// What the server gets: `path /v2/*, host orders.internal`.
  public var rewrite: String?
  /// `set X-Shop: 1`, `add …`, `remove …`.
  public var requestHeaders: [String]?
  public var responseHeaders: [String]?

  public init(
    name: String, listeners: [String], host: String?, path: String?, priority: Int,
    service: String?
  ) {
    self.name = name
    self.listeners = listeners
    self.host = host
    self.path = path
    self.priority = priority
    self.service = service
  }
}

public struct ListenerStatus: Codable, Sendable, Equatable {
  public var name: String
  public var address: String
  /// `http`, `tcp`, `udp` or `tls-passthrough`.
  public var `protocol`: String
  public var connections: Int
  public var connectionsTotal: UInt64
  public var requestsPerSecond: Double

  public init(
    name: String, address: String, protocol: String = "http", connections: Int,
    connectionsTotal: UInt64, requestsPerSecond: Double
  ) {
    self.name = name
    self.address = address
    self.protocol = `protocol`
    self.connections = connections
    self.connectionsTotal = connectionsTotal
    self.requestsPerSecond = requestsPerSecond
  }
}

public struct ReplicaStatus: Codable, Sendable, Equatable {
  public var service: String
  /// `SERVICE-N`, also the name of its server.
  public var name: String
  /// `starting`, `ready`, `unready`, `stopping`, `backoff`, `crash-loop`.
  public var state: String
  public var pid: Int?
  public var address: String?
  public var restarts: Int
  public var startedAt: WallTime?
  public var lastExit: String?
  public var version: String?
  /// What the daemon calls its container; nil for a process.
  public var container: String?

  public init(
    service: String, name: String, state: String, pid: Int? = nil, address: String? = nil,
    restarts: Int = 0, startedAt: WallTime? = nil, lastExit: String? = nil, version: String? = nil,
    container: String? = nil
  ) {
    self.service = service
    self.name = name
    self.state = state
    self.pid = pid
    self.address = address
    self.restarts = restarts
    self.startedAt = startedAt
    self.lastExit = lastExit
    self.version = version
    self.container = container
  }
}

public struct HistoryPoint: Codable, Sendable, Equatable {
  public var at: WallTime
  public var requests: Int
  public var failures: Int
  /// Requests under way at the end of the second.
  public var inflight: Int
  /// Seconds; nil without requests.
  public var p50: Double?
  public var p99: Double?

  public init(
    at: WallTime, requests: Int, failures: Int, inflight: Int = 0, p50: Double? = nil,
    p99: Double? = nil
  ) {
    self.at = at
    self.requests = requests
    self.failures = failures
    self.inflight = inflight
    self.p50 = p50
    self.p99 = p99
  }
}

public struct LiveStatus: Codable, Sendable, Equatable {
  public var at: WallTime
  public var engine: EngineStatus
  public var services: [ServiceStatus]
  public var servers: [ServerStatus]
  public var replicas: [ReplicaStatus]
  public var listeners: [ListenerStatus]
  public var openFaults: Int
  /// Only when they are asked for.
  public var flows: [FlowStatus]?

  public init(
    at: WallTime, engine: EngineStatus, services: [ServiceStatus], servers: [ServerStatus],
    replicas: [ReplicaStatus], listeners: [ListenerStatus], openFaults: Int,
    flows: [FlowStatus]? = nil
  ) {
    self.flows = flows
    self.at = at
    self.engine = engine
    self.services = services
    self.servers = servers
    self.replicas = replicas
    self.listeners = listeners
    self.openFaults = openFaults
  }
}
