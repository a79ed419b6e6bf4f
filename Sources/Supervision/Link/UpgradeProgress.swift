public import Primitives

/// How far the replacement of an engine by another has come, as the keeper tells it.
public struct UpgradeProgress: Codable, Sendable, Equatable {
  public enum State: String, Codable, Sendable {
    /// The new engine reads its configuration; the old one is in charge.
    case starting
    /// The old one gives up the state, the new one takes it and begins to serve.
    case handingOver = "handing-over"
    case done
    /// The new engine is gone; `reason` says why.
    case failed
  }

  /// From 1, for the keeper's life.
  public var number: Int
  public var state: State
  public var began: WallTime
  public var ended: WallTime?
  public var formerVersion: String
  public var formerPid: Int32
  /// Nil until the new engine has said hello.
  public var version: String?
  public var pid: Int32?
  public var reason: String?
  /// The last lines of a new engine that failed.
  public var lines: [String]

  public init(
    number: Int, state: State = .starting, began: WallTime, ended: WallTime? = nil,
    formerVersion: String, formerPid: Int32, version: String? = nil, pid: Int32? = nil,
    reason: String? = nil, lines: [String] = []
  ) {
    self.number = number
    self.state = state
    self.began = began
    self.ended = ended
    self.formerVersion = formerVersion
    self.formerPid = formerPid
    self.version = version
    self.pid = pid
    self.reason = reason
    self.lines = lines
  }
}

/// An engine that another one has replaced, and that still has connections.
public struct DrainingEngine: Codable, Sendable, Equatable {
  public var pid: Int32
  public var version: String
  public var since: WallTime
  /// When what is left is cut.
  public var until: WallTime
  public var connections: Int

  public init(pid: Int32, version: String, since: WallTime, until: WallTime, connections: Int) {
    self.pid = pid
    self.version = version
    self.since = since
    self.until = until
    self.connections = connections
  }
}
