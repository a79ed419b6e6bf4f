public import Faults

extension Store {
  /// Events, fault records and what sinks are to be told of them, all in one transaction: what is
  /// recorded is told, and nothing is told that was not recorded.
  public func append(
    events: [EventRecord], faults: [FaultRecord], outgoing: OutgoingRecords
  ) throws(StoreError) {
    let database = try database
    var bytes = try outgoingBytes(database)
    try database.transaction { () throws(StoreError) in
      try insert(events, database)
      try insert(faults, database)
      guard !outgoing.records.isEmpty else { return }
      let insert = try database.prepare(
        "INSERT OR REPLACE INTO outgoing (number, id, topic, bytes, body) VALUES (?, ?, ?, ?, ?)")
      for record in outgoing.records {
        try insert.run([
          .integer(record.number), .text(record.id), .text(record.topic),
          .integer(Int64(record.bytes)), .text(record.body),
        ])
        bytes += Int64(record.bytes)
      }
      bytes -= try dropOldest(bytes - outgoing.buffer, database)
    }
    knownOutgoingBytes = bytes
  }

  /// These sinks are told from here on: a new one of what follows, and one that is not among them is
  /// forgotten with what waited for it.
  public func followSinks(_ names: [String]) throws(StoreError) {
    let database = try database
    let last = try highestOutgoing()
    var known: [String] = []
    try database.run("SELECT name FROM outgoing_sinks") { row in
      if let name = row.text(0) { known.append(name) }
    }
    try database.transaction { () throws(StoreError) in
      for name in known where !names.contains(name) {
        try database.run("DELETE FROM outgoing_sinks WHERE name = ?", [.text(name)])
      }
      for name in names where !known.contains(name) {
        try database.run(
          "INSERT INTO outgoing_sinks (name, told, delivered, dropped) VALUES (?, ?, 0, 0)",
          [.text(name), .integer(last)])
      }
      try forgetTold(database)
    }
    knownOutgoingBytes = nil
  }

  /// The next ones for a sink, in their order: at most `count`, and no more than `bytes` beyond the
  /// first.
  public func outgoing(
    for sink: String, count: Int, bytes: Int
  ) throws(StoreError) -> OutgoingBatch {
    let database = try database
    var batch = OutgoingBatch(records: [], dropped: 0)
    var told: Int64?
    try database.run("SELECT told, dropped FROM outgoing_sinks WHERE name = ?", [.text(sink)]) {
      row in
      told = row.integer(0)
      batch.dropped = UInt64(max(0, row.integer(1) ?? 0))
    }
    guard let told else { return batch }
    var last = told
    var (found, total) = (0, 0)
    try database.run(
      "SELECT number, bytes FROM outgoing WHERE number > ? ORDER BY number LIMIT ?",
      [.integer(told), .integer(Int64(max(1, count)))]
    ) { row in
      total += Int(clamping: row.integer(1) ?? 0)
      guard found == 0 || total <= bytes, let number = row.integer(0) else { return }
      found += 1
      last = number
    }
    try database.run(
      """
      SELECT number, id, topic, body FROM outgoing WHERE number > ? AND number <= ? ORDER BY number
      """, [.integer(told), .integer(last)]
    ) { row in
      batch.records.append(
        OutgoingRecord(
          number: row.integer(0) ?? 0, id: row.text(1) ?? "", topic: row.text(2) ?? "",
          body: row.text(3) ?? ""))
    }
    return batch
  }

  /// A sink is done with all up to `number`: so many of them it acknowledged, so many it never gets.
  ///
  /// - Parameter all: the numbers of those that were read for it, up to `number`. One of them that
  ///   was dropped for want of room meanwhile has been counted, and has become of it after all what
  ///   is said here.
  public func told(
    _ sink: String, upTo number: Int64, delivered: Int, dropped: Int, all: [Int64] = []
  ) throws(StoreError) {
    let database = try database
    try database.transaction { () throws(StoreError) in
      let told = try told(sink, database)
      let countedTwice = all.count { $0 <= told }
      try database.run(
        """
        UPDATE outgoing_sinks SET told = max(told, ?), delivered = delivered + ?,
          dropped = max(0, dropped - ?) + ? WHERE name = ?
        """,
        [
          .integer(number), .integer(Int64(delivered)), .integer(Int64(countedTwice)),
          .integer(Int64(dropped)), .text(sink),
        ])
      try forgetTold(database)
    }
    knownOutgoingBytes = nil
  }

  private func told(_ sink: String, _ database: Database) throws(StoreError) -> Int64 {
    var told: Int64 = 0
    try database.run("SELECT told FROM outgoing_sinks WHERE name = ?", [.text(sink)]) { row in
      told = row.integer(0) ?? 0
    }
    return told
  }

  /// How far each sink is, by name.
  public func outgoingStatuses() throws(StoreError) -> [OutgoingStatus] {
    var statuses: [OutgoingStatus] = []
    try database.run(
      """
      SELECT name, delivered, dropped,
        (SELECT count(*) FROM outgoing WHERE number > told),
        (SELECT coalesce(sum(bytes), 0) FROM outgoing WHERE number > told)
      FROM outgoing_sinks ORDER BY name
      """
    ) { row in
      statuses.append(
        OutgoingStatus(
          sink: row.text(0) ?? "", delivered: UInt64(max(0, row.integer(1) ?? 0)),
          dropped: UInt64(max(0, row.integer(2) ?? 0)),
          waiting: Int(clamping: row.integer(3) ?? 0), waitingBytes: row.integer(4) ?? 0))
    }
    return statuses
  }

  /// The number of the last message; 0 before the first.
  public func highestOutgoing() throws(StoreError) -> Int64 {
    let kept = try database.integer("SELECT max(number) FROM outgoing") ?? 0
    return max(kept, try database.integer("SELECT max(told) FROM outgoing_sinks") ?? 0)
  }

  // MARK: Room

  private func outgoingBytes(_ database: Database) throws(StoreError) -> Int64 {
    if let knownOutgoingBytes { return knownOutgoingBytes }
    return try database.integer("SELECT coalesce(sum(bytes), 0) FROM outgoing") ?? 0
  }

  /// Drops the oldest until so many bytes are free.
  /// - Returns: how many became free.
  private func dropOldest(_ bytes: Int64, _ database: Database) throws(StoreError) -> Int64 {
    guard bytes > 0 else { return 0 }
    var freed: Int64 = 0
    var last: Int64 = 0
    let sizes = try database.prepare("SELECT number, bytes FROM outgoing ORDER BY number LIMIT ?")
    // Most times a few are enough; a buffer that was made smaller takes several rounds.
    var count: Int64 = 64
    repeat {
      (freed, last) = (0, 0)
      var seen: Int64 = 0
      try sizes.run([.integer(count)]) { row in
        seen += 1
        guard freed < bytes else { return }
        freed += row.integer(1) ?? 0
        last = row.integer(0) ?? 0
      }
      guard freed < bytes, seen == count else { break }
      count *= 8
    } while true
    try database.run(
      """
      UPDATE outgoing_sinks SET told = ?1, dropped = dropped + (
        SELECT count(*) FROM outgoing WHERE number > told AND number <= ?1)
      WHERE told < ?1
      """, [.integer(last)])
    try database.run("DELETE FROM outgoing WHERE number <= ?", [.integer(last)])
    return freed
  }

  /// What every sink was told is not needed any more.
  private func forgetTold(_ database: Database) throws(StoreError) {
    let all = try database.integer("SELECT min(told) FROM outgoing_sinks")
    if let all {
      try database.run("DELETE FROM outgoing WHERE number <= ?", [.integer(all)])
    } else {
      try database.execute("DELETE FROM outgoing")
    }
  }

  // MARK: Restoring

  /// What waits for sinks is of now, whatever state takes the place of this one.
  func carryOutgoing(into path: String) throws(StoreError) {
    let source = try database
    let target = try Database(path: path)
    try target.transaction { () throws(StoreError) in
      try target.execute("DELETE FROM outgoing; DELETE FROM outgoing_sinks")
      try Self.carry(
        "SELECT name, told, delivered, dropped FROM outgoing_sinks", source, target,
        "INSERT INTO outgoing_sinks (name, told, delivered, dropped) VALUES (?, ?, ?, ?)"
      ) { row in
        [
          SQLValue(row.text(0)), SQLValue(row.integer(1)), SQLValue(row.integer(2)),
          SQLValue(row.integer(3)),
        ]
      }
      try Self.carry(
        "SELECT number, id, topic, bytes, body FROM outgoing", source, target,
        "INSERT INTO outgoing (number, id, topic, bytes, body) VALUES (?, ?, ?, ?, ?)"
      ) { row in
        [
          SQLValue(row.integer(0)), SQLValue(row.text(1)), SQLValue(row.text(2)),
          SQLValue(row.integer(3)), SQLValue(row.text(4)),
        ]
      }
    }
    target.checkpointOnClose()
  }

  private static func carry(
    _ query: String, _ source: Database, _ target: Database, _ statement: String,
    _ values: (Statement) -> [SQLValue]
  ) throws(StoreError) {
    let insert = try target.prepare(statement)
    var problem: StoreError?
    try source.run(query) { row in
      guard problem == nil else { return }
      do throws(StoreError) {
        try insert.run(values(row))
      } catch {
        problem = error
      }
    }
    if let problem { throw problem }
  }
}
