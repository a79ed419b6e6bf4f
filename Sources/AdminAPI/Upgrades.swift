public import Primitives

/// The last replacement of the engine by another, and the engines that still finish.
public struct UpgradeStatus: Codable, Sendable, Equatable {
  public enum State: String, Codable, Sendable {
    /// There was none since this engine began.
    case none
    /// The new engine reads its configuration · takes the state over · serves · is gone.
    case starting
    case handingOver = "handing-over"
    case done, failed

    public var isEnd: Bool { self == .done || self == .failed }
  }

  public var state: State
  /// From 1, for the life of this Ballast; nil for none.
  public var number: Int?
  public var began: WallTime?
  public var ended: WallTime?
  public var formerVersion: String?
  public var formerPid: Int?
  /// Of the new engine; the version is nil until it has told it.
  public var version: String?
  public var pid: Int?
  /// Why it failed, and the last lines of the new engine.
  public var reason: String?
  public var lines: [String]?
  public var draining: [DrainingStatus]

  public init(state: State = .none, draining: [DrainingStatus] = []) {
    self.state = state
    self.draining = draining
  }
}

/// An engine that another one has replaced, with the connections that it still has.
public struct DrainingStatus: Codable, Sendable, Equatable {
  public var pid: Int
  public var version: String
  public var since: WallTime
  /// When what is left is cut.
  public var until: WallTime
  public var connections: Int

  public init(pid: Int, version: String, since: WallTime, until: WallTime, connections: Int) {
    self.pid = pid
    self.version = version
    self.since = since
    self.until = until
    self.connections = connections
  }
}
