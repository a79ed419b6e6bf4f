public import Primitives

/// `events: { buffer, sinks }`: what happens is told to others.
public struct EventSettings: Sendable, Equatable {
  /// Bytes on disk of what waits for sinks, of all together; the oldest goes first beyond it.
  public var buffer: Int64 = 64 << 20
  /// In the order of the file.
  public var sinks: [EventSinkSettings] = []

  public init() {}
}

/// One of `events.sinks`.
public struct EventSinkSettings: Sendable, Equatable {
  public enum Target: Sendable, Equatable {
    case nats(NATSSettings)
    case redis(RedisSettings)

    public var kind: String {
      switch self {
      case .nats: "nats"
      case .redis: "redis"
      }
    }
  }

  public enum Content: String, Sendable, CaseIterable { case events, faults }

  public var name: String
  public var target: Target
  /// Tried one after the other; one at least.
  public var servers: [HostAndPort]
  public var username: String?
  public var password: String?
  /// nil speaks in the clear.
  public var tls: ServiceTLSSettings?
  public var content: Set<Content> = Set(Content.allCases)

  public init(name: String, target: Target, servers: [HostAndPort]) {
    self.name = name
    self.target = target
    self.servers = servers
  }
}

/// What is NATS's own of a sink.
public struct NATSSettings: Sendable, Equatable {
  public static let usualPort: UInt16 = 4222

  public var subject = "ballast"
  public var token: String?
  public var isJetStream = true

  public init() {}
}

/// What is Redis's own of a sink.
public struct RedisSettings: Sendable, Equatable {
  public static let usualPort: UInt16 = 6379

  public var stream = "ballast:events"
  /// nil keeps all entries.
  public var maxLength: Int? = 100_000
  public var database = 0

  public init() {}
}
