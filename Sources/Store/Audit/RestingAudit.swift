public import Audit
import Glibc

/// The audit log in the folder of a state, read without an engine and without writing anything there.
public struct RestingAudit {
  private let database: Database

  /// - Throws: where there is none, or it can't be read.
  public init(folder: String) throws(StoreError) {
    let path = StateFolder(path: folder).database
    guard unsafe access(path, F_OK) == 0 else {
      throw StoreError(.unavailable, "there is no state at \(path)")
    }
    do throws(StoreError) {
      database = try Database(reading: path)
    } catch {
      // A folder that can't be written has no place for SQLite's lock. Without a log there is nothing
      // that the file itself doesn't say.
      var status = stat()
      let log = unsafe stat("\(path)-wal", &status) == 0 ? status.st_size : 0
      guard log == 0, error.kind != .damaged else { throw error }
      database = try Database(reading: path, immutable: true)
    }
    try database.execute("PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON")
    guard try database.integer("PRAGMA application_id") == Schema.applicationID else {
      throw StoreError(.damaged, "\(path): not a database of ballast")
    }
    guard try DatabaseContent.tableNames(database).contains("audit") else {
      throw StoreError(
        .unavailable, "\(path) was written by a version of ballast without an audit log")
    }
  }

  /// Newest first.
  public func entries(
    _ filter: AuditFilter = AuditFilter(), limit: Int
  ) throws(StoreError) -> [AuditEntry] {
    try Store.audit(database, filter, limit: limit)
  }

  public func entry(_ number: Int64) throws(StoreError) -> AuditEntry? {
    try Store.audit(database, number: number)
  }

  public func head() throws(StoreError) -> (head: AuditHead, removed: Int64) {
    let ends = try AuditEnds.readOrGuess(database)
    return (ends.head, ends.removed.number)
  }

  /// - Parameter heads: ends that were kept elsewhere.
  public func verify(heads: [AuditHead] = []) throws(StoreError) -> AuditVerdict {
    // One moment of the file, also while an engine writes it.
    try database.transaction(reading: true) { () throws(StoreError) in
      var reading = try AuditReading(try AuditEnds.read(database), heads: heads)
      while !reading.isAtEnd {
        reading.take(try AuditPage.read(database, after: reading.last))
      }
      return reading.verdict()
    }
  }
}
