public import Primitives

/// `services: { NAME: … }`. A service has `servers`, or `run`, or both.
public struct ServiceSettings: Sendable, Equatable {
  public var name: String
  public var servers: [ServerSettings]
  public var balance: BalanceSettings
  public var health: HealthSettings
  public var retries: RetrySettings
  public var timeouts: TimeoutSettings
  public var limits: LimitSettings
  public var run: RunSettings?

  public init(
    name: String, servers: [ServerSettings] = [],
    balance: BalanceSettings = .leastConnections, health: HealthSettings = HealthSettings(),
    retries: RetrySettings = RetrySettings(), timeouts: TimeoutSettings = TimeoutSettings(),
    limits: LimitSettings = LimitSettings(), run: RunSettings? = nil
  ) {
    self.name = name
    self.servers = servers
    self.balance = balance
    self.health = health
    self.retries = retries
    self.timeouts = timeouts
    self.limits = limits
    self.run = run
  }
}

/// `servers: [ "host:port" ]` or `[ { name, address, weight, backup } ]`.
public struct ServerSettings: Sendable, Equatable {
  /// The name, or the address as it was written.
  public var name: String
  public var address: SocketAddress
  /// 0 … 1000; 0 takes no new work.
  public var weight: Int
  public var backup: Bool

  public init(name: String, address: SocketAddress, weight: Int = 1, backup: Bool = false) {
    self.name = name
    self.address = address
    self.weight = weight
    self.backup = backup
  }
}

/// `balance: NAME`. Round robin and random honour weights (smooth weighted, weighted random).
public enum BalanceSettings: String, Sendable, CaseIterable {
  case roundRobin = "round-robin"
  case random
  case leastConnections = "least-connections"
}

/// `health: { http | tcp | none, interval, timeout, rise, fall }`.
public struct HealthSettings: Sendable, Equatable {
  public enum Check: Sendable, Equatable {
    case http(HTTPCheck)
    case tcp
    /// Taken as healthy unchecked.
    case none
  }

  public struct HTTPCheck: Sendable, Equatable {
    public var path: String
    public var status: [ClosedRange<Int>]
    /// The check's own Host header; nil means the server's address.
    public var host: String?
    /// Text that the first 64 KiB of the body must contain.
    public var body: String?

    public init(
      path: String = "/", status: [ClosedRange<Int>] = [200...299], host: String? = nil,
      body: String? = nil
    ) {
      self.path = path
      self.status = status
      self.host = host
      self.body = body
    }
  }

  public var check: Check
  public var interval: TimeSpan
  public var timeout: TimeSpan
  public var rise: Int
  public var fall: Int

  public init(
    check: Check = .tcp, interval: TimeSpan = .seconds(2), timeout: TimeSpan = .seconds(1),
    rise: Int = 2, fall: Int = 3
  ) {
    self.check = check
    self.interval = interval
    self.timeout = timeout
    self.rise = rise
    self.fall = fall
  }
}

/// `retries: { attempts, on, budget, perTryTimeout }`.
public struct RetrySettings: Sendable, Equatable {
  public enum Condition: String, Sendable, CaseIterable {
    case connectFailure = "connect-failure"
    case reset
  }

  /// Tries after the first; 0 … 10.
  public var attempts: Int
  public var conditions: [Condition]
  /// Retries as a share of requests, 0 … 1, on top of 3 a second.
  public var budget: Double
  /// No answer head within this time: another server is tried where that is safe; nil means never.
  public var perTryTimeout: TimeSpan?

  public init(
    attempts: Int = 1, conditions: [Condition] = [.connectFailure, .reset], budget: Double = 0.2,
    perTryTimeout: TimeSpan? = nil
  ) {
    self.attempts = attempts
    self.conditions = conditions
    self.budget = budget
    self.perTryTimeout = perTryTimeout
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

/// `limits: { connections, requests, queue, queueTimeout }`, each for one server but the queue,
/// which is the service's.
public struct LimitSettings: Sendable, Equatable {
  /// Open connections to one server; 0 means no limit.
  public var connections: Int
  /// Requests under way at one server; 0 means no limit.
  public var requests: Int
  /// Requests that wait for a server with room.
  public var queue: Int
  public var queueTimeout: TimeSpan

  public init(
    connections: Int = 0, requests: Int = 0, queue: Int = 1024,
    queueTimeout: TimeSpan = .seconds(5)
  ) {
    self.connections = connections
    self.requests = requests
    self.queue = queue
    self.queueTimeout = queueTimeout
  }
}
