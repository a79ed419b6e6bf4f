/// How many replicas of one revision are wanted.
public struct ReplicaQuota: Sendable, Equatable {
  public var revision: String
  public var count: Int

  public init(revision: String, count: Int) {
    self.revision = revision
    self.count = count
  }
}
