/// The versions of the database. `PRAGMA user_version` says which one a file has; each step leads
/// from the version of its index to the next.
struct Schema: Sendable {
  /// "BALA": tells our files from other SQLite databases.
  static let applicationID: Int64 = 0x4241_4C41

  let steps: [String]
  var version: Int { steps.count }

  /// Add steps at the end; never change one that was released.
  static let current = Schema(steps: [
    """
    CREATE TABLE server_overrides (
      service TEXT NOT NULL, server TEXT NOT NULL, state TEXT, weight INTEGER,
      PRIMARY KEY (service, server)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE replica_counts (
      service TEXT NOT NULL PRIMARY KEY, replicas INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE settings (
      key TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE events (
      id INTEGER PRIMARY KEY, at INTEGER NOT NULL, type TEXT NOT NULL, severity TEXT NOT NULL,
      service TEXT, server TEXT, message TEXT NOT NULL
    ) STRICT;
    CREATE INDEX events_by_service ON events (service, id);
    CREATE TABLE faults (
      id INTEGER PRIMARY KEY, type TEXT NOT NULL, service TEXT NOT NULL, server TEXT,
      began INTEGER NOT NULL, detected INTEGER NOT NULL, cause TEXT NOT NULL,
      actions TEXT NOT NULL, resolved INTEGER, duration REAL
    ) STRICT;
    CREATE INDEX faults_by_service ON faults (service, id);
    CREATE INDEX faults_open ON faults (id) WHERE resolved IS NULL;
    """,
    """
    CREATE TABLE configuration_texts (id INTEGER PRIMARY KEY, files TEXT NOT NULL) STRICT;
    CREATE TABLE configurations (
      number INTEGER PRIMARY KEY, at INTEGER NOT NULL, origin TEXT NOT NULL, author TEXT,
      file TEXT NOT NULL, bytes INTEGER NOT NULL, text INTEGER NOT NULL
    ) STRICT;
    """,
    """
    CREATE TABLE deployments (
      number INTEGER PRIMARY KEY, service TEXT NOT NULL, revision TEXT NOT NULL, version TEXT,
      former TEXT, former_version TEXT, kind TEXT NOT NULL, strategy TEXT NOT NULL,
      state TEXT NOT NULL, reason TEXT, lines TEXT NOT NULL, author TEXT NOT NULL,
      began INTEGER NOT NULL, ended INTEGER, program TEXT NOT NULL
    ) STRICT;
    CREATE INDEX deployments_by_service ON deployments (service, number);
    """,
    """
    CREATE TABLE users (
      name TEXT NOT NULL PRIMARY KEY, role TEXT NOT NULL, password TEXT NOT NULL,
      disabled INTEGER NOT NULL, created INTEGER NOT NULL, last_sign_in INTEGER
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE tokens (
      name TEXT NOT NULL PRIMARY KEY, digest TEXT NOT NULL UNIQUE, owner TEXT,
      scope TEXT NOT NULL, created INTEGER NOT NULL, expires INTEGER, last_used INTEGER
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE sessions (
      digest TEXT NOT NULL PRIMARY KEY, user TEXT NOT NULL, origin TEXT NOT NULL,
      began INTEGER NOT NULL, last_used INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    """,
    """
    ALTER TABLE faults ADD COLUMN subject TEXT;
    ALTER TABLE faults ADD COLUMN parent INTEGER;
    ALTER TABLE faults ADD COLUMN inferred_cause TEXT;
    ALTER TABLE faults ADD COLUMN action_times TEXT;
    ALTER TABLE faults ADD COLUMN returns INTEGER;
    ALTER TABLE faults ADD COLUMN acknowledged INTEGER;
    ALTER TABLE faults ADD COLUMN acknowledged_by TEXT;
    ALTER TABLE faults ADD COLUMN recovered INTEGER;
    ALTER TABLE faults ADD COLUMN resolved_by TEXT;
    CREATE INDEX faults_by_parent ON faults (parent) WHERE parent IS NOT NULL;
    CREATE INDEX events_by_time ON events (at);
    """,
    """
    CREATE TABLE audit (
      number INTEGER PRIMARY KEY, at INTEGER NOT NULL, source TEXT NOT NULL, actor TEXT NOT NULL,
      role TEXT, origin TEXT NOT NULL, action TEXT NOT NULL, subject TEXT, before_value TEXT,
      after_value TEXT, result TEXT NOT NULL, detail TEXT, hash TEXT NOT NULL
    ) STRICT;
    CREATE TABLE audit_ends (
      id INTEGER PRIMARY KEY CHECK (id = 1), removed INTEGER NOT NULL, removed_hash TEXT NOT NULL,
      number INTEGER NOT NULL, hash TEXT NOT NULL
    ) STRICT;
    CREATE TABLE audit_pending (id INTEGER PRIMARY KEY, record TEXT NOT NULL) STRICT;
    """,
    """
    CREATE TABLE alert_state (
      key TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE alert_log (
      id INTEGER PRIMARY KEY, at INTEGER NOT NULL, kind TEXT NOT NULL, alert TEXT, member TEXT,
      channel TEXT, message TEXT NOT NULL
    ) STRICT;
    CREATE INDEX alert_log_by_alert ON alert_log (alert, id);
    """,
    """
    CREATE TABLE outgoing (
      number INTEGER PRIMARY KEY, id TEXT NOT NULL, topic TEXT NOT NULL, bytes INTEGER NOT NULL,
      body TEXT NOT NULL
    ) STRICT;
    CREATE INDEX outgoing_sizes ON outgoing (number, bytes);
    CREATE TABLE outgoing_sinks (
      name TEXT NOT NULL PRIMARY KEY, told INTEGER NOT NULL, delivered INTEGER NOT NULL,
      dropped INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    """,
  ])

  /// What the store asks for: a file that can't answer these is damaged, whatever its version says.
  static let requirements = [
    "SELECT service, server, state, weight FROM server_overrides",
    "SELECT service, replicas FROM replica_counts",
    "SELECT key, value FROM settings",
    "SELECT id, at, type, severity, service, server, message FROM events",
    """
    SELECT id, type, service, server, began, detected, cause, actions, resolved, duration, subject,
      parent, inferred_cause, action_times, returns, acknowledged, acknowledged_by, recovered,
      resolved_by
    FROM faults
    """,
    "SELECT number, at, origin, author, file, bytes, text FROM configurations",
    "SELECT id, files FROM configuration_texts",
    """
    SELECT number, service, revision, version, former, former_version, kind, strategy, state, reason,
      lines, author, began, ended, program
    FROM deployments
    """,
    "SELECT name, role, password, disabled, created, last_sign_in FROM users",
    "SELECT name, digest, owner, scope, created, expires, last_used FROM tokens",
    "SELECT digest, user, origin, began, last_used FROM sessions",
    "SELECT \(Store.auditColumns) FROM audit",
    "SELECT id, removed, removed_hash, number, hash FROM audit_ends",
    "SELECT id, record FROM audit_pending",
    "SELECT key, value FROM alert_state",
    "SELECT id, at, kind, alert, member, channel, message FROM alert_log",
    "SELECT number, id, topic, bytes, body FROM outgoing",
    "SELECT name, told, delivered, dropped FROM outgoing_sinks",
  ]

  /// Throws unless the file is new, or ours and of a version that this one knows. Writes nothing.
  func recognize(_ database: Database) throws(StoreError) {
    let found = try Self.version(of: database)
    let application = try database.integer("PRAGMA application_id") ?? 0
    let tables = try database.integer("SELECT count(*) FROM sqlite_master") ?? 0
    let isNew = application == 0 && found == 0 && tables == 0
    guard isNew || application == Self.applicationID else {
      throw StoreError(.damaged, "\(database.path): a database of another program")
    }
    guard found >= 0 else {
      throw StoreError(.damaged, "\(database.path): its schema has the version \(found)")
    }
    guard found <= version else {
      throw StoreError(
        .newerSchema(found: found),
        "\(database.path) was written by a later version of ballast "
          + "(schema \(found), this one knows up to \(version))")
    }
  }

  /// Brings a recognized file to this version, each step in one transaction with its number.
  func migrate(_ database: Database) throws(StoreError) {
    for step in try Self.version(of: database)..<version {
      let sql = steps[step]
      try database.transaction { () throws(StoreError) in
        try database.execute(sql)
        try database.execute("PRAGMA application_id = \(Self.applicationID)")
        try database.execute("PRAGMA user_version = \(step + 1)")
      }
    }
  }

  private static func version(of database: Database) throws(StoreError) -> Int {
    Int(try database.integer("PRAGMA user_version") ?? 0)
  }
}
