public import Faults
public import Primitives

extension Store {
  /// All of them in one transaction. An id that is there already gets the new content.
  public func append(_ events: [EventRecord]) throws(StoreError) {
    guard !events.isEmpty else { return }
    let database = try database
    try database.transaction { () throws(StoreError) in try insert(events, database) }
  }

  /// In the caller's transaction.
  func insert(_ events: [EventRecord], _ database: Database) throws(StoreError) {
    guard !events.isEmpty else { return }
    let insert = try database.prepare(
      """
      INSERT OR REPLACE INTO events (id, at, type, severity, service, server, message)
      VALUES (?, ?, ?, ?, ?, ?, ?)
      """)
    for event in events {
      try insert.run([
        .integer(event.id), .integer(event.at.milliseconds), .text(event.type),
        .text(event.severity.rawValue), SQLValue(event.service), SQLValue(event.server),
        .text(event.message),
      ])
    }
    try database.run(
      "DELETE FROM events WHERE id <= (SELECT max(id) FROM events) - ?",
      [.integer(Int64(retention.events))])
  }

  /// Oldest first, at most `limit` (and `readLimit`) of them: those that follow the id `after`, or
  /// the last ones without it.
  public func events(
    service: String? = nil, after: Int64? = nil, limit: Int = 100
  ) throws(StoreError) -> [EventRecord] {
    var conditions: [String] = []
    var values: [SQLValue] = []
    if let service {
      conditions.append("service = ?")
      values.append(.text(service))
    }
    if let after {
      conditions.append("id > ?")
      values.append(.integer(after))
    }
    values.append(.integer(Int64(min(max(0, limit), Self.readLimit))))
    let filter = conditions.isEmpty ? "" : "WHERE " + conditions.joined(separator: " AND ")
    var events: [EventRecord] = []
    try database.run(
      """
      SELECT id, at, type, severity, service, server, message FROM events \(filter)
      ORDER BY id \(after == nil ? "DESC" : "ASC") LIMIT ?
      """, values
    ) { row in
      events.append(Self.event(row))
    }
    return after == nil ? events.reversed() : events
  }

  /// Of a span of time, oldest first, at most `limit` (and `readLimit`) of them: the last ones.
  public func events(
    from: WallTime, to: WallTime, limit: Int = Store.readLimit
  ) throws(StoreError) -> [EventRecord] {
    var events: [EventRecord] = []
    try database.run(
      """
      SELECT id, at, type, severity, service, server, message FROM events
      WHERE at >= ? AND at <= ? ORDER BY at DESC, id DESC LIMIT ?
      """,
      [
        .integer(from.milliseconds), .integer(to.milliseconds),
        .integer(Int64(min(max(0, limit), Self.readLimit))),
      ]
    ) { row in events.append(Self.event(row)) }
    return events.reversed()
  }

  private static func event(_ row: Statement) -> EventRecord {
    EventRecord(
      id: row.integer(0) ?? 0, at: WallTime(milliseconds: row.integer(1) ?? 0),
      type: row.text(2) ?? "",
      severity: EventRecord.Severity(rawValue: row.text(3) ?? "") ?? .info,
      service: row.text(4), server: row.text(5), message: row.text(6) ?? "")
  }

  /// 0 without any.
  public func highestEventID() throws(StoreError) -> Int64 {
    try database.integer("SELECT max(id) FROM events") ?? 0
  }
}
