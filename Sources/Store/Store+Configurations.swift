import Primitives

extension Store {
  /// Takes the place of what was saved under its number. Texts that are there already are not kept
  /// twice; the oldest entries go as `retention` says, the newest never.
  public func save(_ record: ConfigurationRecord) throws(StoreError) {
    let database = try database
    try database.transaction { () throws(StoreError) in
      var id: Int64?
      try database.run(
        "SELECT id FROM configuration_texts WHERE files = ?", [.text(record.files)]
      ) { row in
        id = row.integer(0)
      }
      if id == nil {
        try database.run(
          "INSERT INTO configuration_texts (files) VALUES (?)", [.text(record.files)])
        id = try database.integer("SELECT last_insert_rowid()")
      }
      try database.run(
        """
        INSERT OR REPLACE INTO configurations (number, at, origin, author, file, bytes, text)
        VALUES (?, ?, ?, ?, ?, ?, ?)
        """,
        [
          .integer(record.number), .integer(record.at.milliseconds), .text(record.origin),
          SQLValue(record.author), .text(record.file), .integer(Int64(record.files.utf8.count)),
          .integer(id ?? 0),
        ])
      try database.run(
        "DELETE FROM configurations WHERE number < ?",
        [.integer(try oldestToKeep(database) ?? 0)])
      try database.execute(
        "DELETE FROM configuration_texts WHERE id NOT IN (SELECT text FROM configurations)")
    }
  }

  /// By count, and by the bytes of all texts together.
  private func oldestToKeep(_ database: Database) throws(StoreError) -> Int64? {
    var oldest: Int64?
    var (count, total) = (0, 0)
    var seen: Set<Int64> = []
    try database.run("SELECT number, bytes, text FROM configurations ORDER BY number DESC") { row in
      guard let number = row.integer(0), let text = row.integer(2) else { return }
      count += 1
      if seen.insert(text).inserted { total += Int(clamping: row.integer(1) ?? 0) }
      let isKept =
        count <= retention.configurations && total <= retention.configurationBytes
      if count == 1 || isKept { oldest = number }
    }
    return oldest
  }

  /// Newest first, without their texts.
  public func configurations() throws(StoreError) -> [ConfigurationRecord] {
    var records: [ConfigurationRecord] = []
    try database.run(
      """
      SELECT number, at, origin, author, file, '', bytes FROM configurations
      ORDER BY number DESC LIMIT ?
      """, [.integer(Int64(Self.readLimit))]
    ) { row in
      if let record = Self.configuration(row) { records.append(record) }
    }
    return records
  }

  /// - Parameter number: nil is the newest.
  public func configuration(number: Int64? = nil) throws(StoreError) -> ConfigurationRecord? {
    var record: ConfigurationRecord?
    try database.run(
      """
      SELECT number, at, origin, author, file, files, bytes
      FROM configurations JOIN configuration_texts ON id = text
      WHERE number = coalesce(?, (SELECT max(number) FROM configurations))
      """, [SQLValue(number)]
    ) { row in
      record = Self.configuration(row)
    }
    return record
  }

  private static func configuration(_ row: Statement) -> ConfigurationRecord? {
    guard let number = row.integer(0) else { return nil }
    var record = ConfigurationRecord(
      number: number, at: WallTime(milliseconds: row.integer(1) ?? 0), origin: row.text(2) ?? "",
      author: row.text(3), file: row.text(4) ?? "", files: row.text(5) ?? "")
    record.bytes = Int(clamping: row.integer(6) ?? 0)
    return record
  }
}
