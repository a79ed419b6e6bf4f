public import Primitives

/// Texts in the place of those that Ballast runs on. Without `files` those that are on its disk now.
public struct ConfigurationTexts: Codable, Sendable, Equatable {
  public struct File: Codable, Sendable, Equatable {
    /// Without its folder.
    public var name: String
    public var text: String

    public init(name: String, text: String) {
      self.name = name
      self.text = text
    }
  }

  public var files: [File]?
  /// Whether they are all `*.yaml` of a folder, and not one file.
  public var isFolder: Bool?
  /// Refuses what may fall under the load on the way.
  public var strict: Bool?
  /// Only in memory: the files stay as they are.
  public var unsaved: Bool?

  public init(
    files: [File]? = nil, isFolder: Bool? = nil, strict: Bool? = nil, unsaved: Bool? = nil
  ) {
    self.files = files
    self.isFolder = isFolder
    self.strict = strict
    self.unsaved = unsaved
  }
}

/// What became of an `apply` or a rollback.
public struct ConfigurationApplied: Codable, Sendable, Equatable {
  /// What begins with it for the replicas of one service.
  public struct Rollout: Codable, Sendable, Equatable {
    public enum Kind: String, Codable, Sendable {
      case start, stop, scale
      /// All of them, by other ones.
      case replace
    }

    public var service: String
    public var kind: Kind

    public init(service: String, kind: Kind) {
      self.service = service
      self.kind = kind
    }
  }

  /// Its number in the history.
  public var number: Int64
  public var file: String
  public var topologyVersion: UInt64
  /// False when it says what ran before.
  public var changed: Bool
  /// Whether the files hold it; nil when that was not asked for.
  public var saved: Bool?
  /// Why they do not.
  public var problem: String?
  public var rollouts: [Rollout]
  public var warnings: [String]

  public init(
    number: Int64, file: String, topologyVersion: UInt64, changed: Bool, saved: Bool? = nil,
    problem: String? = nil, rollouts: [Rollout] = [], warnings: [String] = []
  ) {
    self.number = number
    self.file = file
    self.topologyVersion = topologyVersion
    self.changed = changed
    self.saved = saved
    self.problem = problem
    self.rollouts = rollouts
    self.warnings = warnings
  }
}

/// A configuration that was accepted.
public struct ConfigurationEntry: Codable, Sendable, Equatable {
  public var number: Int64
  public var at: WallTime
  /// `start`, `reload`, `set`, `apply` or `rollback`, with what it came from: `rollback to 3`.
  public var origin: String
  /// Who says to have done it; nil where nobody said.
  public var by: String?
  public var file: String
  public var bytes: Int
  /// Whether it is what runs.
  public var isCurrent: Bool
  /// Only when one entry is asked for.
  public var files: [ConfigurationTexts.File]?

  public init(
    number: Int64, at: WallTime, origin: String, by: String? = nil, file: String, bytes: Int,
    isCurrent: Bool = false, files: [ConfigurationTexts.File]? = nil
  ) {
    self.number = number
    self.at = at
    self.origin = origin
    self.by = by
    self.file = file
    self.bytes = bytes
    self.isCurrent = isCurrent
    self.files = files
  }
}
