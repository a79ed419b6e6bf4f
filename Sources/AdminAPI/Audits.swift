public import Primitives

/// Where the audit log ends now, and what of it was kept elsewhere.
public struct AuditHeadStatus: Codable, Sendable, Equatable {
  /// A place outside the state that gets the heads.
  public struct Export: Codable, Sendable, Equatable {
    /// `file` or `webhook`.
    public var target: String
    /// The newest that it has; nil before the first one of this engine.
    public var number: Int64?
    public var at: WallTime?
    /// Why the last one did not get there.
    public var problem: String?

    public init(
      target: String, number: Int64? = nil, at: WallTime? = nil, problem: String? = nil
    ) {
      self.target = target
      self.number = number
      self.at = at
      self.problem = problem
    }
  }

  /// Of the newest entry; 0 before the first one.
  public var number: Int64
  /// 64 hexadecimal digits.
  public var hash: String
  /// How many entries there are.
  public var entries: Int64
  /// Entries up to this number went because there were too many.
  public var removed: Int64
  public var exports: [Export]

  public init(number: Int64, hash: String, entries: Int64, removed: Int64, exports: [Export]) {
    self.number = number
    self.hash = hash
    self.entries = entries
    self.removed = removed
    self.exports = exports
  }
}
