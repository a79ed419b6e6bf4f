public import Primitives

/// A deployment of a service: one that ended, or the one under way.
public struct DeploymentStatus: Codable, Sendable, Equatable {
  public var number: Int64
  public var service: String
  public var revision: String
  public var version: String?
  /// In whose place it comes; nil for the first one.
  public var former: String?
  public var formerVersion: String?
  /// `first`, `deploy`, `rollback`, `restart`.
  public var kind: String
  /// `rolling`, `blue-green`, `canary`.
  public var strategy: String
  /// `starting`, `watching`, `paused`, `finishing`, `rolling-back`; in the end `succeeded`, `rolled-back`
  /// or `failed`; of the first one `started`.
  public var state: String
  public var reason: String?
  /// What a new replica said last, when it failed.
  public var lines: [String]
  public var by: String
  public var began: WallTime
  public var ended: WallTime?
  /// While it is under way: new replicas that count, and those that are wanted.
  public var available: Int?
  public var replicas: Int?
  /// Of a canary, from 1.
  public var step: Int?
  public var steps: Int?
  /// Of the requests that the new ones get, 0 … 1; nil: as many as fall to them.
  public var share: Double?

  public init(
    number: Int64, service: String, revision: String, version: String? = nil,
    former: String? = nil, formerVersion: String? = nil, kind: String, strategy: String,
    state: String, reason: String? = nil, lines: [String] = [], by: String, began: WallTime,
    ended: WallTime? = nil
  ) {
    self.number = number
    self.service = service
    self.revision = revision
    self.version = version
    self.former = former
    self.formerVersion = formerVersion
    self.kind = kind
    self.strategy = strategy
    self.state = state
    self.reason = reason
    self.lines = lines
    self.by = by
    self.began = began
    self.ended = ended
  }
}

/// Another version or image of what the file runs; without both, what the file says.
public struct DeployRequest: Codable, Sendable, Equatable {
  public var version: String?
  public var image: String?
  /// Takes the place of a deployment under way, which goes back first.
  public var supersede: Bool?

  public init(version: String? = nil, image: String? = nil, supersede: Bool? = nil) {
    self.version = version
    self.image = image
    self.supersede = supersede
  }
}

public struct DeploymentRollback: Codable, Sendable, Equatable {
  /// A deployment's number; nil: the revision that ran before.
  public var to: Int64?

  public init(to: Int64? = nil) { self.to = to }
}

public struct DeploymentAbort: Codable, Sendable, Equatable {
  public var reason: String?

  public init(reason: String? = nil) { self.reason = reason }
}

/// What became of an order.
public struct DeploymentOrder: Codable, Sendable, Equatable {
  public enum State: String, Codable, Sendable {
    /// It is under way.
    case began
    /// It begins when the one under way has ended.
    case waits
    /// This is what runs.
    case unchanged
  }

  public var service: String
  public var state: State
  /// Of the deployment under way; nil when nothing is.
  public var number: Int64?
  public var message: String

  public init(service: String, state: State, number: Int64?, message: String) {
    self.service = service
    self.state = state
    self.number = number
    self.message = message
  }
}
