public import Alerting
public import Deployment
public import Primitives
public import Topology
public import Wire

/// `services: { NAME: … }`. A service has `servers`, or `run`, or both.
public struct ServiceSettings: Sendable, Equatable {
  public var name: String
  public var `protocol`: ServiceProtocol
  public var servers: [ServerSettings]
  /// `sendProxyProtocol`: the version of the PROXY header that each connection begins with.
  public var proxyHeader: ProxyHeaderVersion?
  /// As written; nil leaves it to `BalanceDecision`.
  public var balance: BalanceSettings?
  public var sticky: StickySettings?
  /// `mode: primary-standby`; nil is `mode: balanced`. The servers' order is that of preference.
  public var standby: StandbySettings?
  public var health: HealthSettings
  public var ejection: EjectionSettings
  /// How long a server that turned healthy takes to its full weight; zero is at once.
  public var slowStart: TimeSpan
  /// A tier with a smaller share of healthy servers, 0 … 1, is helped by the next.
  public var panic: Double
  public var retries: RetrySettings
  public var timeouts: TimeoutSettings
  public var limits: LimitSettings
  public var run: RunSettings?
  /// nil leaves the number of replicas as it is configured.
  public var scale: ScaleSettings?
  /// nil leaves weights as they are configured.
  public var tune: TuneSettings?
  /// How another revision of its replicas takes the place of the one that runs.
  public var deploy = DeploymentPlan()
  /// `slo`.
  public var objectives: [Objective] = []
  /// nil for servers without TLS.
  public var tls: ServiceTLSSettings?
  /// nil leaves it to the top level.
  public var compression: CompressionSettings?

  public init(
    name: String, protocol: ServiceProtocol = .http, servers: [ServerSettings] = [],
    proxyHeader: ProxyHeaderVersion? = nil, balance: BalanceSettings? = nil,
    sticky: StickySettings? = nil, standby: StandbySettings? = nil,
    health: HealthSettings = HealthSettings(), ejection: EjectionSettings = EjectionSettings(),
    slowStart: TimeSpan = .seconds(10), panic: Double = 0.5,
    retries: RetrySettings = RetrySettings(), timeouts: TimeoutSettings = TimeoutSettings(),
    limits: LimitSettings = LimitSettings(), run: RunSettings? = nil
  ) {
    self.name = name
    self.protocol = `protocol`
    self.servers = servers
    self.proxyHeader = proxyHeader
    self.balance = balance
    self.sticky = sticky
    self.standby = standby
    self.health = health
    self.ejection = ejection
    self.slowStart = slowStart
    self.panic = panic
    self.retries = retries
    self.timeouts = timeouts
    self.limits = limits
    self.run = run
  }
}

/// `servers: [ "host:port" ]` or `[ { name, address, weight, zone, priority, backup } ]`.
public struct ServerSettings: Sendable, Equatable {
  /// The name, or the address as it was written.
  public var name: String
  public var address: SocketAddress
  /// 0 … 1000; 0 takes no new work.
  public var weight: Int
  public var zone: String?
  /// The tier, 0 … 9: the lower is used first. `backup: true` is 1.
  public var priority: Int

  public init(
    name: String, address: SocketAddress, weight: Int = 1, zone: String? = nil, priority: Int = 0
  ) {
    self.name = name
    self.address = address
    self.weight = weight
    self.zone = zone
    self.priority = priority
  }

  /// Whether it takes requests only when others can't.
  public var isBackup: Bool { priority > 0 }
}

/// `retries: { attempts, on, budget, perTryTimeout, hedge }`.
public struct RetrySettings: Sendable, Equatable {
  public enum Condition: String, Sendable, CaseIterable {
    case connectFailure = "connect-failure"
    case reset
    /// Answers of 502, 503 and 504.
    case gatewayError = "gateway-error"
    /// A server of HTTP/2 that took nothing of the request.
    case refusedStream = "refused-stream"
    /// Calls of gRPC that ended so, without a message.
    case grpcAborted = "grpc-aborted"
    case grpcCancelled = "grpc-cancelled"
    case grpcDeadlineExceeded = "grpc-deadline-exceeded"
    case grpcInternal = "grpc-internal"
    case grpcResourceExhausted = "grpc-resource-exhausted"
    case grpcUnavailable = "grpc-unavailable"

    /// Nil for what has nothing to do with gRPC.
    public var grpcStatus: GRPCStatus? {
      switch self {
      case .connectFailure, .reset, .gatewayError, .refusedStream: nil
      case .grpcAborted: .aborted
      case .grpcCancelled: .cancelled
      case .grpcDeadlineExceeded: .deadlineExceeded
      case .grpcInternal: .internal
      case .grpcResourceExhausted: .resourceExhausted
      case .grpcUnavailable: .unavailable
      }
    }
  }

  /// Tries after the first; 0 … 10.
  public var attempts: Int
  public var conditions: [Condition]
  /// Retries as a share of requests, 0 … 1, on top of 3 a second.
  public var budget: Double
  /// No answer head within this time: another server is tried where that is safe; nil means never.
  public var perTryTimeout: TimeSpan?
  /// No answer head within this time: a second server is asked as well, where that is safe, and the
  /// first answer wins; nil means never.
  public var hedge: TimeSpan?

  public init(
    attempts: Int = 1, conditions: [Condition] = [.connectFailure, .reset, .refusedStream],
    budget: Double = 0.2,
    perTryTimeout: TimeSpan? = nil, hedge: TimeSpan? = nil
  ) {
    self.attempts = attempts
    self.conditions = conditions
    self.budget = budget
    self.perTryTimeout = perTryTimeout
    self.hedge = hedge
  }
}

/// `timeouts: { connect, response, idle, total }`. Zero means none.
public struct TimeoutSettings: Sendable, Equatable {
  public var connect: TimeSpan
  /// From the request's end to the answer's head.
  public var response: TimeSpan
  /// Between two reads or writes while a body is under way.
  public var idle: TimeSpan
  /// From the request's head to the answer's end.
  public var total: TimeSpan

  public init(
    connect: TimeSpan = .seconds(3), response: TimeSpan = .seconds(60),
    idle: TimeSpan = .hours(1), total: TimeSpan = .zero
  ) {
    self.connect = connect
    self.response = response
    self.idle = idle
    self.total = total
  }
}

/// `limits: { connections, requests, queue, queueTimeout, adaptive }`, each for one server but the queue,
/// which is the service's.
public struct LimitSettings: Sendable, Equatable {
  /// Open connections to one server; 0 means no limit.
  public var connections: Int
  /// Requests under way at one server; 0 means no limit.
  public var requests: Int
  /// Requests that wait for a server with room.
  public var queue: Int
  public var queueTimeout: TimeSpan
  /// `adaptive`: whether each server's limit follows its latency, below `requests` if that is set.
  public var isAdaptive: Bool

  public init(
    connections: Int = 0, requests: Int = 0, queue: Int = 1024,
    queueTimeout: TimeSpan = .seconds(5), isAdaptive: Bool = false
  ) {
    self.connections = connections
    self.requests = requests
    self.queue = queue
    self.queueTimeout = queueTimeout
    self.isAdaptive = isAdaptive
  }
}
