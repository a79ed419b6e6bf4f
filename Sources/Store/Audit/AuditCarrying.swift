import Audit

/// The audit log is of the state that there is, not of the one that a backup brings: it goes on over a
/// restore. Only a state without an entry takes that of the backup.
enum AuditCarrying {
  /// - Parameters:
  ///   - present: the state that goes; nil where there is none. Also of a file that was deleted its
  ///     connection can be read.
  ///   - prepared: a database of this version that nobody has open.
  ///   - record: what is to follow.
  static func carry(
    from present: Database?, into prepared: String, adding record: AuditRecord? = nil
  ) throws(StoreError) {
    if let present {
      try present.run("ATTACH DATABASE ? AS prepared", [.text(prepared)])
      do throws(StoreError) {
        try copy(present)
      } catch {
        try? present.execute("DETACH DATABASE prepared")
        throw error
      }
      try present.execute("DETACH DATABASE prepared")
    }
    let target = try Database(path: prepared)
    if present == nil { try target.execute("DELETE FROM audit_pending") }
    if let record {
      try target.transaction { () throws(StoreError) in
        var ends = try AuditEnds.readOrGuess(target)
        try Store.add(record, &ends, target)
        try ends.save(target)
      }
    }
    // One file, without a log beside it: also what the other connection wrote, which this one has not
    // looked at yet.
    try target.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    target.checkpointOnClose()
  }

  private static func copy(_ present: Database) throws(StoreError) {
    // What was begun in the backup is of no engine that will say more of it.
    try present.execute("DELETE FROM prepared.audit_pending")
    guard try DatabaseContent.tableNames(present).contains("audit"),
      try present.integer("SELECT max(number) FROM main.audit") != nil
    else { return }
    try present.transaction { () throws(StoreError) in
      for table in ["audit", "audit_ends", "audit_pending"] {
        try present.execute(
          """
          DELETE FROM prepared.\(table);
          INSERT INTO prepared.\(table) SELECT * FROM main.\(table);
          """)
      }
    }
  }
}
