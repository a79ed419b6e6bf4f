import CSQLite

/// A copy of a database that is in use, made a few pages at a time. What the same connection writes
/// meanwhile reaches the copy as well, so that in the end it is as of one moment.
///
/// Safe because the backup is finished with this, and both connections live as long as it.
@safe final class DatabaseCopy {
  private let source: Database
  private let target: Database
  private var backup: OpaquePointer?

  /// - Parameter path: of a file that isn't there yet; it is its owner's alone.
  init(of source: Database, to path: String) throws(StoreError) {
    self.source = source
    _ = try SequentialFile.create(path)
    target = try Database(path: path)
    // A copy that was not finished is thrown away.
    try target.execute("PRAGMA synchronous = OFF")
    unsafe backup = try target.beginBackup(of: source)
  }

  deinit {
    if let backup = unsafe backup { _ = unsafe sqlite3_backup_finish(backup) }
  }

  /// Copies so many pages more.
  /// - Returns: whether there are more.
  func step(_ pages: Int32) throws(StoreError) -> Bool {
    guard let backup = unsafe backup else { return false }
    let code = unsafe sqlite3_backup_step(backup, pages)
    switch code {
    case SQLITE_OK: return true
    case SQLITE_DONE:
      unsafe self.backup = nil
      let ended = unsafe sqlite3_backup_finish(backup)
      guard ended == SQLITE_OK else { throw target.error(ended) }
      // One file, without a log beside it.
      try target.execute("PRAGMA journal_mode = DELETE")
      return false
    default: throw target.error(code)
    }
  }
}

extension Store {
  /// 1 MiB: how long others wait for the store while it is copied.
  static let pagesPerTurn: Int32 = 256

  /// How many rows each table has, whatever tables there are.
  public func rowCounts() throws(StoreError) -> [String: Int64] {
    try Self.rowCounts(try database)
  }

  static func rowCounts(_ database: Database) throws(StoreError) -> [String: Int64] {
    var counts: [String: Int64] = [:]
    for name in try DatabaseContent.tableNames(database) {
      let quoted = DatabaseContent.quoted(name)
      counts[name] = try database.integer("SELECT count(*) FROM \(quoted)") ?? 0
    }
    return counts
  }

  /// The version of the tables that this Ballast knows.
  public static var schemaVersion: Int { Schema.current.version }

  /// Copies all into a database file of its own, as of one moment. Other calls come in between.
  public func copy(to path: String) async throws(StoreError) {
    let source = try database
    copies += 1
    defer { copies -= 1 }
    let copy = try DatabaseCopy(of: source, to: path)
    while try copy.step(Self.pagesPerTurn) {
      await Task.yield()
      // It may have been closed meanwhile.
      _ = try database
    }
  }
}
