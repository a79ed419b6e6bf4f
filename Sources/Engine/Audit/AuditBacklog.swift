import Audit
import Primitives

/// Entries that the disk did not take, until it does again.
struct AuditBacklog: Sendable {
  /// With more, the oldest are dropped, and an entry says how many.
  static let limit = 2_000

  private var records: [AuditRecord] = []
  private var finished: [Int64] = []
  private var lost = 0
  /// Entries that the log keeps.
  private(set) var keep = 1

  var isEmpty: Bool { records.isEmpty && finished.isEmpty && lost == 0 }

  mutating func add(_ more: [AuditRecord], keep: Int, finished ids: [Int64]) {
    self.keep = keep
    records += more
    finished += ids
    if records.count > Self.limit {
      lost += records.count - Self.limit
      records.removeFirst(records.count - Self.limit)
    }
    if finished.count > Self.limit { finished.removeFirst(finished.count - Self.limit) }
  }

  /// All that is to be written, in order.
  func content() -> (records: [AuditRecord], finished: [Int64]) {
    guard lost > 0, let first = records.first else { return (records, finished) }
    let word = AuditRecord(
      at: first.at, source: .machine, actor: "ballast", from: "engine", action: "audit.lost",
      result: .failed, detail: "\(lost) entries could not be kept: the disk did not take them")
    return ([word] + records, finished)
  }
}
