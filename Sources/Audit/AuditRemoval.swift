public import Primitives

/// The oldest entries go when there are too many. What stays goes on from the hash of the last one that
/// went, and an entry of the chain says which that was: nobody else can cut the beginning off unseen.
public struct AuditRemoval: Sendable, Equatable {
  public static let action = "audit.trim"

  /// The last entry that went.
  public var through: AuditHead

  public init(through: AuditHead) { self.through = through }

  /// - Parameters:
  ///   - count: entries that there are, without gaps.
  ///   - keep: entries that are to stay. A tenth more are waited for, so that an entry of this kind is
  ///     rare among the others.
  /// - Returns: how many of the oldest are to go.
  public static func due(count: Int64, keep: Int) -> Int64 {
    let keep = Int64(max(keep, 1))
    return count > keep &+ max(keep / 10, 1) ? count &- keep : 0
  }

  public func record(at time: WallTime, keep: Int) -> AuditRecord {
    AuditRecord(
      at: time, source: .machine, actor: "ballast", from: "engine", action: Self.action,
      subject: "\(through.number)", after: "\"\(through.hash)\"",
      detail: "entries up to \(through.number) are removed: \(keep) are kept")
  }

  /// Nil for an entry of another kind.
  init?(subject: String?, after: String?) {
    guard let number = subject.flatMap(Int64.init),
      let hash = after.flatMap({ AuditHash(String($0.dropFirst().dropLast())) })
    else { return nil }
    through = AuditHead(number: number, hash: hash)
  }
}
