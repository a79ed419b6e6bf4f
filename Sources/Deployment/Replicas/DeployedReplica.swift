public import Primitives

/// What a replica does, in the words of the admin API.
public enum ReplicaState: String, Sendable, CaseIterable {
  case starting, ready, unready, stopping, backoff
  case crashLoop = "crash-loop"
}

/// One replica as it is shown.
public struct DeployedReplica: Sendable, Equatable {
  public var name: String
  public var state: ReplicaState
  public var pid: Int32?
  public var port: UInt16?
  public var restarts: Int
  public var startedAt: Instant?
  /// How its last process ended, in words.
  public var lastExit: String?
  public var template: String?
}

/// A replica that runs already when an engine starts.
public struct AdoptedReplica: Sendable, Equatable {
  public var name: String
  public var template: String
  public var pid: Int32
  public var port: UInt16
  public var startedAt: Instant
  /// It was told to stop already.
  public var isStopping: Bool

  public init(
    name: String, template: String, pid: Int32, port: UInt16, startedAt: Instant,
    isStopping: Bool = false
  ) {
    self.name = name
    self.template = template
    self.pid = pid
    self.port = port
    self.startedAt = startedAt
    self.isStopping = isStopping
  }
}
