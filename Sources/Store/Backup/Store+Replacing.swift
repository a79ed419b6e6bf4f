public import Audit
import Glibc
public import Primitives

extension Store {
  /// Puts a prepared database in the place of this one, at once for everybody who asks afterwards. A
  /// crash on the way leaves the one or the other, whole. The audit log goes on as it is.
  /// - Parameter former: where the present files are put when no copy of them could be made; nil drops
  ///   them.
  public func replace(
    with prepared: PreparedRestore, keeping former: String?
  ) throws(StoreError) {
    let path = try database.path
    guard problem == nil else {
      throw StoreError(
        .unavailable, "the state is kept in memory only: \(problem?.description ?? "")")
    }
    // A connection that is left open would take the new one's log for its own.
    guard copies == 0 else { throw StoreError(.unavailable, "the state is being backed up") }
    do throws(StoreError) {
      try AuditCarrying.carry(from: try database, into: prepared.database)
    } catch {
      // Where no backup could be made either, the log is in the files that are kept.
      guard former != nil else { throw error }
    }
    // A state that is damaged has nothing more to tell.
    try? carryOutgoing(into: prepared.database)
    closeForReplacement()
    do throws(StoreError) {
      try StateFolder.put(prepared.database, inPlaceOf: path, keeping: former)
    } catch {
      try reopen(path)
      throw error
    }
    try reopen(path)
  }
}

extension StateFolder {
  /// The name of files that a restore replaced and that no backup could be made of.
  func replacedName(_ now: WallTime) -> String {
    "\(database).replaced-\(now.stamp)-\(now.milliseconds % 1_000)"
  }

  /// The log goes first: that of another database would be played back into the new one.
  static func put(
    _ prepared: String, inPlaceOf database: String, keeping former: String?
  ) throws(StoreError) {
    if let former, unsafe link(database, former) != 0, errno != ENOENT {
      throw SystemFailure.error("cannot set \(database) aside")
    }
    for suffix in ["-wal", "-shm", "-journal"] {
      let file = database + suffix
      let outcome =
        if let former { unsafe rename(file, former + suffix) } else { unsafe unlink(file) }
      guard outcome == 0 || errno == ENOENT else {
        throw SystemFailure.error("cannot set \(file) aside")
      }
    }
    guard unsafe rename(prepared, database) == 0 else {
      throw SystemFailure.error("cannot put \(prepared) in the place of \(database)")
    }
    sync(folderOf: database)
  }

  /// A rename is on the disk only with its folder. One that can't be synced loses it only with the
  /// machine.
  static func sync(folderOf path: String) {
    let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
    let descriptor = unsafe open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    _ = fsync(descriptor)
    _ = close(descriptor)
  }
}

/// The state of a Ballast that doesn't run.
public struct RestingState: ~Copyable {
  public let folder: String
  private let lock: StateLock

  /// Makes the folder if it isn't there.
  /// - Throws: also when an engine has it.
  public init(folder: String) throws(StoreError) {
    self.folder = folder
    try StateFolder(path: folder).create()
    lock = try StateLock(folder: folder)
  }

  private var database: String { StateFolder(path: folder).database }

  /// How many rows each table has; nil where nothing is, or it can't be read.
  public borrowing func rowCounts() -> [String: Int64]? {
    guard unsafe access(database, F_OK) == 0, let database = try? Database(path: database) else {
      return nil
    }
    return try? Store.rowCounts(database)
  }

  /// Puts a prepared database in the place of what is there. The audit log of that goes on, where it can
  /// be read.
  /// - Parameter record: what the log is to say of it.
  /// - Returns: the file that keeps what was there: a backup, or the bare database where it is too
  ///   damaged for one; nil where nothing was.
  public borrowing func replace(
    with prepared: PreparedRestore, version: String, now: WallTime, record: AuditRecord
  ) throws(StoreError) -> String? {
    let (path, kept) = (database, BackupFolder(state: folder).before(now))
    guard unsafe access(path, F_OK) == 0 else {
      try AuditCarrying.carry(from: nil, into: prepared.database, adding: record)
      try StateFolder.put(prepared.database, inPlaceOf: path, keeping: nil)
      give(path, "\(folder)/\(StateLock.fileName)")
      return nil
    }
    let copy = BackupFolder.draft(.former, state: folder)
    defer { PreparedRestore.remove(copy) }
    var former: String?
    do throws(StoreError) {
      try BackupFolder(state: folder).create()
      let source = try Database(path: path)
      let copying = try DatabaseCopy(of: source, to: copy)
      while try copying.step(Store.pagesPerTurn) {}
      _ = try BackupFile.write(
        database: copy, configuration: [], version: version, now: now, to: kept)
      source.checkpointOnClose()
    } catch {
      former = StateFolder(path: folder).replacedName(now)
    }
    do throws(StoreError) {
      try AuditCarrying.carry(
        from: try Database(path: path), into: prepared.database, adding: record)
    } catch {
      // Where no backup could be made either, the log is in the files that are kept.
      guard former != nil else { throw error }
      try AuditCarrying.carry(from: nil, into: prepared.database, adding: record)
    }
    try StateFolder.put(prepared.database, inPlaceOf: path, keeping: former)
    give(path, "\(folder)/\(StateLock.fileName)", BackupFolder(state: folder).path, kept)
    return former ?? kept
  }

  /// Whoever owns the folder owns what is put into it, also when root does it.
  private borrowing func give(_ paths: String...) {
    var status = stat()
    guard unsafe stat(folder, &status) == 0 else { return }
    for path in paths { _ = unsafe lchown(path, status.st_uid, status.st_gid) }
  }
}
