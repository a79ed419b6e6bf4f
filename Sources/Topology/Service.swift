public import Primitives

public enum BalanceAlgorithm: Sendable, Equatable {
  case roundRobin
  case random
  case leastConnections
}

/// A class, so that a request holds it by one reference.
public final class Service: Sendable {
  public let id: ServiceID
  public let name: String
  public let algorithm: BalanceAlgorithm
  public let servers: [Server]
  public let retries: RetryPolicy
  public let timeouts: Timeouts
  public let limits: Limits

  public init(
    id: ServiceID, name: String, algorithm: BalanceAlgorithm, servers: [Server],
    retries: RetryPolicy = RetryPolicy(), timeouts: Timeouts = Timeouts(),
    limits: Limits = Limits()
  ) {
    self.id = id
    self.name = name
    self.algorithm = algorithm
    self.servers = servers
    self.retries = retries
    self.timeouts = timeouts
    self.limits = limits
  }
}

public struct Server: Sendable {
  /// What an operator allows.
  public enum Availability: String, Sendable, Codable {
    case ready, draining, maintenance
  }

  /// What the checks say.
  public enum Health: String, Sendable, Codable {
    case unknown, healthy, unhealthy
  }

  public let id: ServerID
  public let name: String
  public let address: SocketAddress
  /// 0 takes no new work.
  public let weight: Int
  public let backup: Bool
  public let availability: Availability
  public let health: Health

  public init(
    id: ServerID, name: String, address: SocketAddress, weight: Int = 1, backup: Bool = false,
    availability: Availability = .ready, health: Health = .healthy
  ) {
    self.id = id
    self.name = name
    self.address = address
    self.weight = weight
    self.backup = backup
    self.availability = availability
    self.health = health
  }

  /// Whether an operator lets new requests reach it.
  public var takesNewWork: Bool { availability == .ready && weight > 0 }
}

public struct RetryPolicy: Sendable, Equatable {
  /// Tries after the first.
  public var attempts: Int
  public var onConnectFailure: Bool
  public var onReset: Bool
  /// Share of requests, 0 … 1, on top of `RetryBudget.baseline` a second.
  public var budget: Double
  /// Zero means none.
  public var perTryTimeout: TimeSpan

  public init(
    attempts: Int = 1, onConnectFailure: Bool = true, onReset: Bool = true, budget: Double = 0.2,
    perTryTimeout: TimeSpan = .zero
  ) {
    self.attempts = attempts
    self.onConnectFailure = onConnectFailure
    self.onReset = onReset
    self.budget = budget
    self.perTryTimeout = perTryTimeout
  }
}

/// Zero means no limit.
public struct Timeouts: Sendable, Equatable {
  public var connect: TimeSpan
  public var response: TimeSpan
  public var idle: TimeSpan
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

/// Zero means no limit, but for the queue, where it means that nothing waits.
public struct Limits: Sendable, Equatable {
  public var connections: Int
  public var requests: Int
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
