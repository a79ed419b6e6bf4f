public import Primitives

/// A replica that runs, as the keeper tells of it.
public struct RunningReplica: Codable, Sendable, Equatable {
  public var spec: ReplicaSpec
  public var pid: Int32
  public var port: UInt16
  public var startedAt: WallTime
  /// Whether it was told to stop and has not ended yet.
  public var stopping: Bool
  /// Why it runs without the limits that it should have; nil when it has them or needs none.
  public var limitsUnavailable: String?

  public init(
    spec: ReplicaSpec, pid: Int32, port: UInt16, startedAt: WallTime, stopping: Bool = false,
    limitsUnavailable: String? = nil
  ) {
    self.spec = spec
    self.pid = pid
    self.port = port
    self.startedAt = startedAt
    self.stopping = stopping
    self.limitsUnavailable = limitsUnavailable
  }
}

/// A replica that ended.
public struct ExitedReplica: Codable, Sendable, Equatable {
  public var name: String
  public var pid: Int32
  public var end: ProcessEnd
  /// Whether it had been told to stop.
  public var wasAsked: Bool
  /// The kernel killed one of its processes for want of memory.
  public var outOfMemory: Bool
  /// Its last lines of output, oldest first.
  public var lastLines: [String]

  public init(
    name: String, pid: Int32, end: ProcessEnd, wasAsked: Bool, outOfMemory: Bool = false,
    lastLines: [String] = []
  ) {
    self.name = name
    self.pid = pid
    self.end = end
    self.wasAsked = wasAsked
    self.outOfMemory = outOfMemory
    self.lastLines = lastLines
  }
}
