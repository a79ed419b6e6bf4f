import Primitives

extension Store {
  static func open(
    folder path: String, now: WallTime, retention: Retention, schema: Schema
  ) -> StoreOpening {
    let folder = StateFolder(path: path)
    var setAside: StoreOpening.SetAside?
    do throws(StoreError) {
      try folder.create()
      let lock = try StateLock(folder: path)
      let database: Database
      do throws(StoreError) {
        folder.createDatabaseFile()
        database = try prepared(at: folder.database, schema: schema)
      } catch {
        guard error.kind == .damaged else { throw error }
        let kept = try folder.setAside(now: now)
        setAside = StoreOpening.SetAside(path: kept, reason: error.description)
        folder.createDatabaseFile()
        database = try prepared(at: folder.database, schema: schema)
      }
      let store = Store(database: database, lock: lock, retention: retention, problem: nil)
      return StoreOpening(store: store, setAside: setAside, problem: nil)
    } catch {
      let memory = inMemory(of: folder, after: error, schema: schema)
      let store = Store(database: memory, lock: nil, retention: retention, problem: error)
      return StoreOpening(store: store, setAside: setAside, problem: error)
    }
  }

  /// What can't be written may still be read: an engine on a full or read-only disk keeps the drained
  /// servers drained.
  private static func inMemory(
    of folder: StateFolder, after error: StoreError, schema: Schema
  ) -> Database? {
    if error.kind == .readOnly || error.kind == .full,
      let copy = try? prepared(at: ":memory:", loading: folder.database, schema: schema)
    {
      return copy
    }
    return try? prepared(at: ":memory:", schema: schema)
  }

  /// Looks before it writes: whose file it is, then whether it is sound, then brings it up to date.
  static func prepared(
    at path: String, loading other: String? = nil, schema: Schema
  ) throws(StoreError) -> Database {
    let database = try Database(path: path)
    if let other { try database.load(from: other) }
    try database.execute("PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON")
    try schema.recognize(database)
    try check(database)
    try database.execute(
      """
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = FULL;
      PRAGMA journal_size_limit = \(logLimit);
      """)
    try schema.migrate(database)
    do throws(StoreError) {
      for query in Schema.requirements { _ = try database.prepare(query) }
    } catch {
      // A table or a column is missing, though the version says that it is there.
      throw error.kind == .unavailable ? StoreError(.damaged, error.description) : error
    }
    return database
  }

  private static func check(_ database: Database) throws(StoreError) {
    var findings: [String] = []
    try database.run("PRAGMA quick_check(3)") { row in
      if let finding = row.text(0), finding != "ok" { findings.append(finding) }
    }
    guard findings.isEmpty else {
      let all = findings.joined(separator: "; ").split(separator: "\n").joined(separator: " ")
      throw StoreError(.damaged, "\(database.path): \(all)")
    }
  }
}
