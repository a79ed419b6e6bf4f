public import Primitives

/// One fault from its beginning to its end.
///
/// One root cause is one record without a `parent`. What follows from it, or is a part of it, has
/// records of its own that hang beneath: `parent` is the id of the root, never of one that hangs
/// beneath another itself.
public struct FaultRecord: Codable, Sendable, Equatable {
  public enum Kind: String, Codable, Sendable, CaseIterable {
    /// Checks or traffic found a server not answering as it should.
    case serverUnhealthy = "server-unhealthy"
    /// Workers leave a server out after failures that they saw, though its checks may pass.
    case serverEjected = "server-ejected"
    /// A replica's process ended without being asked to.
    case replicaExited = "replica-exited"
    /// A replica ends again and again and is held back.
    case crashLoop = "crash-loop"
    /// All servers at one address failed together.
    case machineDown = "machine-down"
    /// Several servers of one service failed together.
    case serviceDegraded = "service-degraded"
    /// No server of a service takes work.
    case serviceDown = "service-down"
    /// The active server of a service failed; it lasts until another is active.
    case failover
    /// A deployment was taken back, or could not even be.
    case deploymentFailed = "deployment-failed"
    /// More replicas are wanted than may run.
    case saturation
    /// An objective of a service uses up its error budget faster than it may.
    case sloBurn = "slo-burn"
    /// A certificate ends within 7 days, or has ended.
    case certificateExpiry = "certificate-expiry"
    /// The engine ended and was started again.
    case engineCrashed = "engine-crashed"
    /// The state could not be opened or written.
    case storeDamaged = "store-damaged"
    /// A scheduled backup could not be made, or could not be restored on trial.
    case backupFailed = "backup-failed"

    /// Whether nobody served while it lasted.
    public var isOutage: Bool { self == .serviceDown || self == .failover }

    /// Whether alerts themselves bring it into the ledger, so that none tells of it.
    public var isFromAlerts: Bool { self == .sloBurn }

    /// Whether it stands for several servers that failed together.
    public var isGroup: Bool { self == .machineDown || self == .serviceDegraded }
  }

  public enum State: String, Codable, Sendable, CaseIterable {
    /// Nobody has said that they look after it · somebody has.
    case open, acknowledged
    /// The cause is gone, but not for long enough.
    case recovering
    case resolved
  }

  /// Counts up over the life of the state, from 1.
  public var id: Int64
  public var type: Kind
  /// Empty for a fault of Ballast itself, and of a machine with servers of several services.
  public var service: String
  public var server: String?
  /// What it is about when that is no server: a machine's address, a certificate's file, the name
  /// of an objective.
  public var subject: String?
  /// The fault that it follows from, or is a part of.
  public var parent: Int64?
  /// The first sign of it.
  public var began: WallTime
  /// When it was certain.
  public var detected: WallTime
  public var cause: String
  /// What was thought to be the cause before a person said another.
  public var inferredCause: String?
  /// What was done about it, oldest first.
  public var actions: [String]
  /// When, one for each action; nil in records of versions that did not note it.
  public var actionTimes: [WallTime]?
  /// How often the cause came back before it had been gone for long enough.
  public var returns: Int?
  public var acknowledged: WallTime?
  public var acknowledgedBy: String?
  /// The cause is gone since then; nil while it is there.
  public var recovered: WallTime?
  /// When it was over: the moment at which the cause went, once that has lasted.
  public var resolved: WallTime?
  /// Who said that it is; nil when it was over by itself.
  public var resolvedBy: String?
  /// Seconds from `began` to `resolved`; nil while open.
  public var duration: Double?
  /// Those whose `parent` it is, newest first. Only in answers; neither the ledger nor the store keeps it.
  public var beneath: [FaultRecord]?

  public init(
    id: Int64, type: Kind, service: String, server: String? = nil, subject: String? = nil,
    parent: Int64? = nil, began: WallTime, detected: WallTime, cause: String,
    inferredCause: String? = nil, actions: [String] = [], actionTimes: [WallTime]? = nil,
    returns: Int? = nil, acknowledged: WallTime? = nil, acknowledgedBy: String? = nil,
    recovered: WallTime? = nil, resolved: WallTime? = nil, resolvedBy: String? = nil,
    duration: Double? = nil, beneath: [FaultRecord]? = nil
  ) {
    self.id = id
    self.type = type
    self.service = service
    self.server = server
    self.subject = subject
    self.parent = parent
    self.began = began
    self.detected = detected
    self.cause = cause
    self.inferredCause = inferredCause
    self.actions = actions
    self.actionTimes = actionTimes
    self.returns = returns
    self.acknowledged = acknowledged
    self.acknowledgedBy = acknowledgedBy
    self.recovered = recovered
    self.resolved = resolved
    self.resolvedBy = resolvedBy
    self.duration = duration
    self.beneath = beneath
  }
}
