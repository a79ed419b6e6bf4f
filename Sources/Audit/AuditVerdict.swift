/// What is wrong with a chain, in one place.
public struct AuditFinding: Codable, Sendable, Equatable {
  public enum Kind: String, Codable, Sendable, CaseIterable {
    /// The entry is not what it was when it was written.
    case altered
    /// Entries are not there.
    case missing
    /// The entry stands where another one belongs.
    case misplaced
    /// Entries that the end of the chain knows nothing of.
    case added
    /// An end that was kept elsewhere is of another chain.
    case replaced
    /// What the store says of the chain's end, or of its beginning, can't be.
    case ends
  }

  public var kind: Kind
  /// The entry; the first of several.
  public var number: Int64
  /// The last of several.
  public var through: Int64?
  /// A sentence for people.
  public var message: String

  public init(_ kind: Kind, _ number: Int64, through: Int64? = nil, _ message: String) {
    self.kind = kind
    self.number = number
    self.through = through == number ? nil : through
    self.message = message
  }
}

/// What came of looking at a whole chain.
public struct AuditVerdict: Codable, Sendable, Equatable {
  /// Nothing was found.
  public var sound: Bool
  public var entries: Int64
  /// Numbers; nil without entries.
  public var first: Int64?
  public var last: Int64?
  /// Of the last one.
  public var hash: AuditHash?
  /// Ends that were kept elsewhere, and how many of them are of entries that are still there.
  public var heads: Int
  public var headsCompared: Int
  /// By number, at most `AuditVerifier.mostFindings`.
  public var findings: [AuditFinding]
  public var findingsLeftOut: Int
}
