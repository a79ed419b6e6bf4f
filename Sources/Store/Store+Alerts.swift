public import Alerting
import Primitives

extension Store {
  /// What is known of alerts, by keys; nil forgets one. With the entries of the log, all or nothing.
  public func saveAlerts(
    _ states: [(key: String, value: String?)], log: [AlertLogEntry]
  ) throws(StoreError) {
    guard !states.isEmpty || !log.isEmpty else { return }
    let database = try database
    try database.transaction { () throws(StoreError) in
      let insert = try database.prepare(
        "INSERT OR REPLACE INTO alert_state (key, value) VALUES (?, ?)")
      let delete = try database.prepare("DELETE FROM alert_state WHERE key = ?")
      for state in states {
        if let value = state.value {
          try insert.run([.text(state.key), .text(value)])
        } else {
          try delete.run([.text(state.key)])
        }
      }
      try Self.append(log, to: database, most: retention.alertLog)
    }
  }

  private static func append(
    _ log: [AlertLogEntry], to database: Database, most: Int
  ) throws(StoreError) {
    guard !log.isEmpty else { return }
    let insert = try database.prepare(
      """
      INSERT INTO alert_log (at, kind, alert, member, channel, message) VALUES (?, ?, ?, ?, ?, ?)
      """)
    for entry in log {
      try insert.run([
        .integer(entry.at.milliseconds), .text(entry.kind.rawValue), SQLValue(entry.alert),
        SQLValue(entry.group), SQLValue(entry.channel), .text(entry.message),
      ])
    }
    try database.run(
      "DELETE FROM alert_log WHERE id <= (SELECT max(id) FROM alert_log) - ?",
      [.integer(Int64(most))])
  }

  /// The values of all keys.
  public func alertStates() throws(StoreError) -> [String] {
    var values: [String] = []
    try database.run("SELECT value FROM alert_state ORDER BY key") { row in
      if let value = row.text(0) { values.append(value) }
    }
    return values
  }

  /// The last entries, oldest first, at most `limit` (and `readLimit`); of one alert, or of all.
  public func alertLog(
    of alert: String? = nil, limit: Int = 100
  ) throws(StoreError) -> [AlertLogEntry] {
    var values = alert.map { [SQLValue.text($0)] } ?? []
    values.append(.integer(Int64(min(max(0, limit), Self.readLimit))))
    var entries: [AlertLogEntry] = []
    try database.run(
      """
      SELECT at, kind, alert, member, channel, message FROM alert_log
      \(alert == nil ? "" : "WHERE alert = ?") ORDER BY id DESC LIMIT ?
      """, values
    ) { row in
      guard let kind = AlertLogEntry.Kind(rawValue: row.text(1) ?? "") else { return }
      entries.append(
        AlertLogEntry(
          at: WallTime(milliseconds: row.integer(0) ?? 0), kind: kind, alert: row.text(2),
          group: row.text(3), channel: row.text(4), message: row.text(5) ?? ""))
    }
    return entries.reversed()
  }
}
