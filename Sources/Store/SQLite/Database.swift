import CSQLite
import Glibc

/// One SQLite connection, used by one task at a time. Closes when it goes.
@safe final class Database {
  private let handle: OpaquePointer
  let path: String

  /// How long a statement waits for another process that reads the file, such as a backup, in
  /// milliseconds.
  static let busyTimeoutMilliseconds: Int32 = 2_000
  /// Of one value or row, in bytes: a file from elsewhere could have one that fills the memory.
  static let longestValue: Int32 = 64 << 20

  /// `path` may be `:memory:`. Creates the file when it isn't there.
  convenience init(path: String) throws(StoreError) {
    try self.init(path: path, flags: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE)
  }

  private init(path: String, flags: Int32) throws(StoreError) {
    var opened: OpaquePointer?
    let code = unsafe sqlite3_open_v2(path, &opened, flags | SQLITE_OPEN_NOMUTEX, nil)
    guard let opened = unsafe opened else {
      throw StoreError(.unavailable, "cannot open \(path): out of memory")
    }
    guard code == SQLITE_OK else {
      let error = unsafe Self.error(code, of: opened, "cannot open \(path)")
      _ = unsafe sqlite3_close_v2(opened)
      throw error
    }
    unsafe handle = opened
    self.path = path
    _ = unsafe sqlite3_extended_result_codes(handle, 1)
    _ = unsafe sqlite3_busy_timeout(handle, Self.busyTimeoutMilliseconds)
    unsafe ballast_sqlite3_protect(handle)
    _ = unsafe sqlite3_limit(handle, SQLITE_LIMIT_LENGTH, Self.longestValue)
  }

  deinit { _ = unsafe sqlite3_close_v2(handle) }

  /// Takes over all of another file, which is opened for reading only and need not be writable.
  /// The other's log is read too where its file system allows it.
  func load(from other: String) throws(StoreError) {
    let source: Database
    do throws(StoreError) {
      source = try Database(reading: other)
    } catch {
      source = try Database(reading: other, immutable: true)
    }
    let backup = unsafe try beginBackup(of: source)
    _ = unsafe sqlite3_backup_step(backup, -1)
    let code = unsafe sqlite3_backup_finish(backup)
    guard code == SQLITE_OK else { throw error(code) }
  }

  /// Into this one; the caller finishes it.
  func beginBackup(of source: Database) throws(StoreError) -> OpaquePointer {
    guard let backup = unsafe sqlite3_backup_init(handle, "main", source.handle, "main") else {
      throw error(unsafe sqlite3_extended_errcode(handle))
    }
    return unsafe backup
  }

  /// For reading only, with its log.
  convenience init(reading path: String) throws(StoreError) {
    try self.init(reading: path, immutable: false)
    // What can't be opened for real is noticed with the first word only.
    _ = try integer("PRAGMA schema_version")
  }

  /// `immutable` promises SQLite that nobody writes, so that it needs no lock and no log.
  convenience init(reading path: String, immutable: Bool) throws(StoreError) {
    let plain = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/-._~".utf8)
    var uri = "file:"
    for byte in path.utf8 {
      let digits = String(byte, radix: 16)
      uri +=
        plain.contains(byte)
        ? String(UnicodeScalar(byte)) : "%\(digits.utf8.count == 1 ? "0" : "")\(digits)"
    }
    uri += immutable ? "?immutable=1" : "?mode=ro"
    try self.init(path: uri, flags: SQLITE_OPEN_READONLY | SQLITE_OPEN_URI)
  }

  /// Writes the log back and removes it once this connection goes; without it, the files stay as they
  /// are.
  func checkpointOnClose() { unsafe ballast_sqlite3_checkpoint_on_close(handle) }

  /// Runs statements that take nothing and whose rows don't matter.
  func execute(_ sql: String) throws(StoreError) {
    let code = unsafe sqlite3_exec(handle, sql, nil, nil, nil)
    guard code == SQLITE_OK else { throw error(code) }
  }

  func prepare(_ sql: String) throws(StoreError) -> Statement {
    var prepared: OpaquePointer?
    let code = unsafe sqlite3_prepare_v2(handle, sql, -1, &prepared, nil)
    guard code == SQLITE_OK, let prepared = unsafe prepared else { throw error(code) }
    return unsafe Statement(prepared, of: self)
  }

  /// Prepares, binds and runs one statement; gives each row to `row`.
  func run(
    _ sql: String, _ values: [SQLValue] = [], row: (Statement) -> Void = { _ in }
  ) throws(StoreError) {
    try prepare(sql).run(values, row: row)
  }

  /// The first column of the first row; nil without rows or for a NULL.
  func integer(_ sql: String, _ values: [SQLValue] = []) throws(StoreError) -> Int64? {
    var number: Int64?
    try run(sql, values) { row in if number == nil { number = row.integer(0) } }
    return number
  }

  /// All of `body` is written, or nothing of it.
  /// - Parameter reading: sees one moment of the file, and writes nothing.
  func transaction<Result>(
    reading: Bool = false, _ body: () throws(StoreError) -> Result
  ) throws(StoreError) -> Result {
    try execute(reading ? "BEGIN" : "BEGIN IMMEDIATE")
    do {
      let result = try body()
      try execute("COMMIT")
      return result
    } catch {
      // Some failures roll back by themselves; then this one fails and changes nothing.
      try? execute("ROLLBACK")
      throw error
    }
  }

  func error(_ code: Int32) -> StoreError {
    unsafe Self.error(code, of: handle, "\(path)")
  }

  private static func error(
    _ code: Int32, of handle: OpaquePointer, _ context: String
  ) -> StoreError {
    let message =
      unsafe sqlite3_errmsg(handle).map { unsafe String(cString: $0) } ?? "error \(code)"
    let systemError = unsafe sqlite3_system_errno(handle)
    let reason: String
    if code & 0xFF == SQLITE_CANTOPEN, systemError != 0 {
      reason = unsafe String(cString: strerror(systemError))
    } else {
      reason = message
    }
    return StoreError(kind(of: code), "\(context): \(reason)")
  }

  private static func kind(of code: Int32) -> StoreError.Kind {
    // SQLITE_IOERR_SHORT_READ and _CORRUPTFS: the file ends or fails where its content says more.
    if code == SQLITE_IOERR | (2 << 8) || code == SQLITE_IOERR | (33 << 8) { return .damaged }
    switch code & 0xFF {
    case SQLITE_CORRUPT, SQLITE_NOTADB: return .damaged
    case SQLITE_FULL: return .full
    case SQLITE_READONLY, SQLITE_PERM: return .readOnly
    case SQLITE_BUSY, SQLITE_LOCKED: return .locked(pid: nil)
    default: return .unavailable
    }
  }
}
