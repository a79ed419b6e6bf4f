public import Audit
import FoundationEssentials
import Primitives

/// The audit log: a chain of entries. Each is written with the hash of the one before it, in one
/// transaction with the chain's end.
extension Store {
  static let auditColumns = """
    number, at, source, actor, role, origin, action, subject, before_value, after_value, result, \
    detail, hash
    """

  /// Appends all of them, or none.
  /// - Parameters:
  ///   - keep: entries that are to stay; the oldest go.
  ///   - finished: what was begun under these numbers is among them, or of no more concern.
  /// - Returns: the new end.
  @discardableResult
  public func append(
    _ records: [AuditRecord], keep: Int, finished: [Int64] = []
  ) throws(StoreError) -> AuditHead {
    let database = try database
    return try database.transaction { () throws(StoreError) in
      var ends = try AuditEnds.readOrGuess(database)
      for record in records { try Self.add(record, &ends, database) }
      for id in finished {
        try database.run("DELETE FROM audit_pending WHERE id = ?", [.integer(id)])
      }
      try Self.trim(&ends, keep: keep, at: records.last?.at, database)
      if !records.isEmpty { try ends.save(database) }
      return ends.head
    }
  }

  static func add(
    _ record: AuditRecord, _ ends: inout AuditEnds, _ database: Database
  ) throws(StoreError) {
    let record = record.bounded
    let (number, overflows) = ends.head.number.addingReportingOverflow(1)
    guard !overflows, number > 0 else {
      throw StoreError(.damaged, "\(database.path): the audit log says that it is full")
    }
    var bytes: [UInt8] = []
    AuditChain.write(
      after: ends.head.hash, number: number, fields: AuditChain.fields(of: record), to: &bytes)
    guard let hash = AuditDigest.of(bytes) else {
      throw StoreError(.unavailable, "this system's OpenSSL has no SHA-256")
    }
    try database.run(
      "INSERT INTO audit (\(auditColumns)) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      [
        .integer(number), .integer(record.at.milliseconds), .text(record.source.rawValue),
        .text(record.actor), SQLValue(record.role), .text(record.origin), .text(record.action),
        SQLValue(record.subject), SQLValue(record.before), SQLValue(record.after),
        .text(record.result.rawValue), SQLValue(record.detail), .text(hash.description),
      ])
    ends.head = AuditHead(number: number, hash: hash)
  }

  private static func trim(
    _ ends: inout AuditEnds, keep: Int, at time: WallTime?, _ database: Database
  ) throws(StoreError) {
    let count = AuditRemoval.due(count: ends.head.number &- ends.removed.number, keep: keep)
    guard count > 0, let time else { return }
    let last = ends.removed.number &+ count
    var hash: AuditHash?
    try database.run("SELECT hash FROM audit WHERE number = ?", [.integer(last)]) { row in
      hash = row.text(0).flatMap { AuditHash($0) }
    }
    // Where somebody took entries out, nothing more goes: what is left is evidence.
    guard let hash else { return }
    try database.run("DELETE FROM audit WHERE number <= ?", [.integer(last)])
    ends.removed = AuditHead(number: last, hash: hash)
    try add(AuditRemoval(through: ends.removed).record(at: time, keep: keep), &ends, database)
  }

  // MARK: Begun

  /// What is about to be done: should the engine end before it is, the next one finds it.
  public func beginAudit(_ id: Int64, _ record: AuditRecord) throws(StoreError) {
    guard let text = try? JSONEncoder().encode(record.bounded) else { return }
    try database.run(
      "INSERT OR REPLACE INTO audit_pending (id, record) VALUES (?, ?)",
      [.integer(id), .text(String(decoding: text, as: UTF8.self))])
  }

  /// What an engine before this one began and said no more of becomes entries.
  public func recallBegunAudit(keep: Int) throws(StoreError) {
    var (ids, records) = ([Int64](), [AuditRecord]())
    try database.run(
      "SELECT id, record FROM audit_pending ORDER BY id LIMIT ?",
      [.integer(Int64(Self.readLimit))]
    ) { row in
      guard let id = row.integer(0) else { return }
      ids.append(id)
      let text = row.text(1) ?? ""
      guard var record = try? JSONDecoder().decode(AuditRecord.self, from: Data(text.utf8)) else {
        return
      }
      record.result = .unknown
      record.after = nil
      record.detail = "the engine ended before it was known what came of it"
      records.append(record)
    }
    guard !ids.isEmpty else { return }
    try append(records, keep: keep, finished: ids)
  }

  // MARK: Read

  /// Newest first, at most `limit` (and `readLimit`) of them.
  public func audit(
    _ filter: AuditFilter = AuditFilter(), limit: Int = 100
  ) throws(StoreError) -> [AuditEntry] {
    try Self.audit(try database, filter, limit: limit)
  }

  static func audit(
    _ database: Database, _ filter: AuditFilter, limit: Int
  ) throws(StoreError) -> [AuditEntry] {
    let (condition, values) = filter.sql
    var entries: [AuditEntry] = []
    try database.run(
      "SELECT \(auditColumns) FROM audit \(condition) ORDER BY number DESC LIMIT ?",
      values + [.integer(Int64(min(max(0, limit), readLimit)))]
    ) { row in
      entries.append(entry(row))
    }
    return entries
  }

  public func audit(number: Int64) throws(StoreError) -> AuditEntry? {
    try Self.audit(try database, number: number)
  }

  static func audit(_ database: Database, number: Int64) throws(StoreError) -> AuditEntry? {
    var entry: AuditEntry?
    try database.run(
      "SELECT \(auditColumns) FROM audit WHERE number = ?", [.integer(number)]
    ) { row in
      entry = self.entry(row)
    }
    return entry
  }

  private static func entry(_ row: Statement) -> AuditEntry {
    AuditEntry(
      number: row.integer(0) ?? 0,
      record: AuditRecord(
        at: WallTime(milliseconds: row.integer(1) ?? 0),
        source: row.text(2).flatMap(AuditRecord.Source.init) ?? .machine,
        actor: row.text(3) ?? "", role: row.text(4), from: row.text(5) ?? "",
        action: row.text(6) ?? "", subject: row.text(7), before: row.text(8), after: row.text(9),
        result: row.text(10).flatMap(AuditRecord.Result.init) ?? .unknown, detail: row.text(11)),
      hash: row.text(12).flatMap { AuditHash($0) } ?? .genesis)
  }

  /// The end of the chain, and the number of its oldest entry less one.
  public func auditHead() throws(StoreError) -> (head: AuditHead, removed: Int64) {
    let ends = try AuditEnds.readOrGuess(try database)
    return (ends.head, ends.removed.number)
  }

  // MARK: Verified

  /// Looks at every entry, as of the moment when it comes to the end. Others have their turn in between.
  /// - Parameter heads: ends that were kept elsewhere.
  public func verifyAudit(heads: [AuditHead] = []) async throws(StoreError) -> AuditVerdict {
    for _ in 0..<Self.verifyAttempts {
      let ends = try AuditEnds.read(try database)
      var reading = try AuditReading(ends, heads: heads)
      while !reading.isAtEnd {
        let page = try AuditPage.read(try database, after: reading.last)
        // The beginning has moved under us: what was read is of no use.
        if page.ends?.removed != ends?.removed { break }
        reading.take(page)
        await Task.yield()
      }
      if reading.isAtEnd { return reading.verdict() }
    }
    throw StoreError(.unavailable, "the audit log is trimmed all the time: ask again")
  }

  /// The oldest entries go once in a while only.
  private static let verifyAttempts = 10
}
