public import Primitives

/// A deployment of a service: one that ended, or the one under way.
public struct DeploymentRecord: Sendable, Equatable {
  /// From 1, in the order of time, over all services.
  public var number: Int64
  public var service: String
  public var revision: String
  /// The name that people gave the revision.
  public var version: String?
  /// The revision in whose place it came; nil for the first one.
  public var former: String?
  public var formerVersion: String?
  /// What was asked for, and how it is brought about, in words of the caller.
  public var kind: String
  public var strategy: String
  public var state: String
  public var reason: String?
  /// What a replica said last, when it failed.
  public var lines: [String] = []
  public var author: String
  public var began: WallTime
  public var ended: WallTime?
  /// How the revision is started, in the form that the caller has for it.
  public var program: String

  public init(
    number: Int64, service: String, revision: String, version: String? = nil,
    former: String? = nil, formerVersion: String? = nil, kind: String, strategy: String,
    state: String, author: String, began: WallTime, program: String
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
    self.author = author
    self.began = began
    self.program = program
  }
}
