public import Primitives

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
  /// The tier: a lower one is used first; a backup's is at least 1.
  public let priority: Int
  /// Whether it stands in the zone that this Ballast is in; true where no zones are named.
  public let isLocal: Bool
  public let availability: Availability
  public let health: Health
  /// When the checks found it healthy after it was not; its slow start begins here. Nil when that
  /// is not known, or too long ago to matter.
  public let healthySince: Instant?
  /// Waits as the standby of a service with one active server, and so takes no work.
  public let isStandby: Bool
  /// What an inserted cookie says for this server; empty without one.
  public let stickyToken: [UInt8]
  /// Of a revision that is about to take another's place: its answers are measured apart.
  public let isNew: Bool

  public init(
    id: ServerID, name: String, address: SocketAddress, weight: Int = 1, priority: Int = 0,
    isLocal: Bool = true, availability: Availability = .ready, health: Health = .healthy,
    healthySince: Instant? = nil, isStandby: Bool = false, stickyToken: [UInt8] = [],
    isNew: Bool = false
  ) {
    self.id = id
    self.name = name
    self.address = address
    self.weight = weight
    self.priority = priority
    self.isLocal = isLocal
    self.availability = availability
    self.health = health
    self.healthySince = healthySince
    self.isStandby = isStandby
    self.stickyToken = stickyToken
    self.isNew = isNew
  }

  /// Whether new requests may reach it.
  public var takesNewWork: Bool { availability == .ready && weight > 0 && !isStandby }

  /// Whether requests of a session that began here may go on here: a draining server keeps its own.
  public var keepsSessions: Bool {
    availability != .maintenance && health == .healthy && !isStandby
  }
}
