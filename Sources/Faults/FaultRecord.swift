public import Primitives

/// One fault from its beginning to its end.
public struct FaultRecord: Codable, Sendable, Equatable {
  public enum Kind: String, Codable, Sendable, CaseIterable {
    /// Checks or traffic found a server not answering as it should.
    case serverUnhealthy = "server-unhealthy"
    /// A replica's process ended without being asked to.
    case replicaExited = "replica-exited"
    /// A replica ends again and again and is held back.
    case crashLoop = "crash-loop"
    /// No server of a service takes work.
    case serviceDown = "service-down"
    /// The active server of a service failed; it lasts until another is active.
    case failover
    /// The engine ended and was started again.
    case engineCrashed = "engine-crashed"
    /// The state could not be opened or written.
    case storeDamaged = "store-damaged"
    /// A scheduled backup could not be made, or could not be restored on trial.
    case backupFailed = "backup-failed"

    /// Whether nobody served while it lasted.
    public var isOutage: Bool { self == .serviceDown || self == .failover }
  }

  /// Counts up over the life of the state, from 1.
  public var id: Int64
  public var type: Kind
  /// Empty for a fault of Ballast itself.
  public var service: String
  public var server: String?
  /// The first sign of it.
  public var began: WallTime
  /// When it was certain.
  public var detected: WallTime
  public var cause: String
  /// What was done about it, oldest first.
  public var actions: [String]
  public var resolved: WallTime?
  /// Seconds from `began` to `resolved`; nil while open.
  public var duration: Double?

  public init(
    id: Int64, type: Kind, service: String, server: String? = nil, began: WallTime,
    detected: WallTime, cause: String, actions: [String] = [], resolved: WallTime? = nil,
    duration: Double? = nil
  ) {
    self.id = id
    self.type = type
    self.service = service
    self.server = server
    self.began = began
    self.detected = detected
    self.cause = cause
    self.actions = actions
    self.resolved = resolved
    self.duration = duration
  }
}
