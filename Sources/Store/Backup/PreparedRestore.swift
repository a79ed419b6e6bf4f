import Glibc

/// A backup that was read whole and whose database is sound, up to date and lies ready in a file of
/// its own.
public struct PreparedRestore: Sendable {
  public let manifest: BackupManifest
  public let configuration: [BackedUpText]
  /// Of this version's schema; belongs to whoever prepared it.
  public let database: String

  /// Does everything that a restore does short of the replacement: reads the file against its
  /// checksums, checks the database inside and out, compares every row with the manifest, and brings
  /// it up to date. What it made is gone when it fails.
  /// - Parameter path: for the database; a file that is there is overwritten.
  public static func make(from backup: String, at path: String) throws(StoreError) -> Self {
    try make(from: backup, at: path, schema: .current)
  }

  static func make(
    from backup: String, at path: String, schema: Schema
  ) throws(StoreError) -> Self {
    remove(path)
    do throws(StoreError) {
      var reader = try BackupReader(backup)
      let manifest = reader.manifest
      guard manifest.schema <= schema.version else {
        throw StoreError(
          .newerSchema(found: manifest.schema),
          "\(backup) was written by a later version of ballast, \(manifest.ballast) "
            + "(schema \(manifest.schema), this one knows up to \(schema.version))")
      }
      let texts = try reader.readAll(database: path)
      let content: DatabaseContent
      do throws(StoreError) {
        content = try DatabaseContent.examine(path)
      } catch {
        throw StoreError(error.kind, "\(backup): the database in it: \(error.description)")
      }
      for (said, found) in zip(manifest.tables, content.tables) where said != found {
        throw StoreError(.damaged, "\(backup): the table \(said.name) differs from its manifest")
      }
      guard manifest.tables.count == content.tables.count, manifest.schema == content.schema else {
        throw StoreError(.damaged, "\(backup): the manifest is of another database")
      }
      try refusePrograms(path, in: backup)
      let database = try Store.prepared(at: path, schema: schema)
      database.checkpointOnClose()
      return PreparedRestore(manifest: manifest, configuration: texts, database: path)
    } catch {
      remove(path)
      throw error
    }
  }

  /// Ballast makes tables and indices only. A trigger would run with each write for as long as whoever
  /// wrote the backup likes, and a view or a virtual table would be a table that is none.
  private static func refusePrograms(_ path: String, in backup: String) throws(StoreError) {
    let database = try Database(path: path)
    let count = try database.integer(
      """
      SELECT count(*) FROM sqlite_master
      WHERE type NOT IN ('table', 'index') OR type = 'table' AND rootpage = 0
      """)
    guard count == 0 else {
      throw StoreError(
        .damaged, "\(backup): the database in it has triggers, views or virtual tables")
    }
  }

  /// The file and what SQLite puts beside it.
  public static func remove(_ database: String) {
    for suffix in ["", "-wal", "-shm", "-journal"] { _ = unsafe unlink(database + suffix) }
  }
}
