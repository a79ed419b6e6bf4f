public import Primitives
public import Topology

/// What a service is and carries at one moment.
public struct ServicePicture: Sendable, Equatable {
  public struct Server: Sendable, Equatable {
    public var name: String
    public var address: SocketAddress
    /// What balancing knows of it, with what operators and agents said.
    public var weight: Int
    public var priority: Int
    public var isLocal: Bool
    public var availability: Topology.Server.Availability
    public var health: Topology.Server.Health
    public var isStandby: Bool
    /// Started by us.
    public var isReplica: Bool
    public var inflight: Int
    public var connections: Int
    /// Where its latency sets one; 0 elsewhere.
    public var concurrencyLimit: Int
    /// Clients that a table ties to it.
    public var sessions: Int

    public init(
      name: String, address: SocketAddress, weight: Int = 1, priority: Int = 0,
      isLocal: Bool = true, availability: Topology.Server.Availability = .ready,
      health: Topology.Server.Health = .healthy, isStandby: Bool = false,
      isReplica: Bool = false, inflight: Int = 0, connections: Int = 0,
      concurrencyLimit: Int = 0, sessions: Int = 0
    ) {
      self.name = name
      self.address = address
      self.weight = weight
      self.priority = priority
      self.isLocal = isLocal
      self.availability = availability
      self.health = health
      self.isStandby = isStandby
      self.isReplica = isReplica
      self.inflight = inflight
      self.connections = connections
      self.concurrencyLimit = concurrencyLimit
      self.sessions = sessions
    }

    /// A standby waits to be, so it counts as well.
    public var isReady: Bool { health == .healthy && availability == .ready && weight > 0 }
  }

  /// Those of the file, then the replicas.
  public var servers: [Server]
  /// Over the last ten seconds.
  public var requestsPerSecond: Double
  /// The most under way at an end of one of these seconds.
  public var inflight: Int
  /// The most that one server was seen to carry, as `PeakRate` has it.
  public var peakPerServer: Double?
  /// Replicas wanted now, and by the new configuration.
  public var replicas: (now: Int, after: Int)
  /// Whether the new configuration has other replicas than those that run.
  public var isReplaced: Bool

  public init(
    servers: [Server] = [], requestsPerSecond: Double = 0, inflight: Int = 0,
    peakPerServer: Double? = nil, replicas: (now: Int, after: Int) = (0, 0),
    isReplaced: Bool = false
  ) {
    self.servers = servers
    self.requestsPerSecond = requestsPerSecond
    self.inflight = inflight
    self.peakPerServer = peakPerServer
    self.replicas = replicas
    self.isReplaced = isReplaced
  }

  public static func == (left: ServicePicture, right: ServicePicture) -> Bool {
    left.servers == right.servers && left.requestsPerSecond == right.requestsPerSecond
      && left.inflight == right.inflight && left.peakPerServer == right.peakPerServer
      && left.replicas == right.replicas && left.isReplaced == right.isReplaced
  }

  public var ready: Int { servers.count(where: \.isReady) }
}
