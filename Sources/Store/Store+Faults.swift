public import Faults
import FoundationEssentials
import Primitives

extension Store {
  /// Takes the place of what was saved under the record's id.
  public func save(_ record: FaultRecord) throws(StoreError) {
    try save([record])
  }

  /// All of them in one transaction.
  public func save(_ records: [FaultRecord]) throws(StoreError) {
    guard !records.isEmpty else { return }
    let database = try database
    try database.transaction { () throws(StoreError) in
      let insert = try database.prepare(
        """
        INSERT OR REPLACE INTO faults
          (id, type, service, server, began, detected, cause, actions, resolved, duration)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """)
      for record in records {
        try insert.run([
          .integer(record.id), .text(record.type.rawValue), .text(record.service),
          SQLValue(record.server), .integer(record.began.milliseconds),
          .integer(record.detected.milliseconds), .text(record.cause),
          .text(Self.text(of: record.actions)), SQLValue(record.resolved?.milliseconds),
          SQLValue(record.duration),
        ])
      }
      try database.run(
        """
        DELETE FROM faults
        WHERE id <= (SELECT max(id) FROM faults) - ? AND resolved IS NOT NULL
        """, [.integer(Int64(retention.faults))])
    }
  }

  /// Newest first, at most `limit` (and `readLimit`) of them.
  public func faults(
    service: String? = nil, openOnly: Bool = false, limit: Int = 100
  ) throws(StoreError) -> [FaultRecord] {
    var conditions: [String] = []
    var values: [SQLValue] = []
    if let service {
      conditions.append("service = ?")
      values.append(.text(service))
    }
    if openOnly { conditions.append("resolved IS NULL") }
    values.append(.integer(Int64(min(max(0, limit), Self.readLimit))))
    let filter = conditions.isEmpty ? "" : "WHERE " + conditions.joined(separator: " AND ")
    var records: [FaultRecord] = []
    try database.run(
      "SELECT \(Self.faultColumns) FROM faults \(filter) ORDER BY id DESC LIMIT ?", values
    ) { row in
      if let record = Self.fault(row) { records.append(record) }
    }
    return records
  }

  public func fault(id: Int64) throws(StoreError) -> FaultRecord? {
    var record: FaultRecord?
    try database.run("SELECT \(Self.faultColumns) FROM faults WHERE id = ?", [.integer(id)]) {
      row in
      record = Self.fault(row)
    }
    return record
  }

  /// 0 without any.
  public func highestFaultID() throws(StoreError) -> Int64 {
    try database.integer("SELECT max(id) FROM faults") ?? 0
  }

  private static let faultColumns =
    "id, type, service, server, began, detected, cause, actions, resolved, duration"

  /// Nil for a kind that this version does not know.
  private static func fault(_ row: Statement) -> FaultRecord? {
    guard let id = row.integer(0), let type = FaultRecord.Kind(rawValue: row.text(1) ?? "") else {
      return nil
    }
    return FaultRecord(
      id: id, type: type, service: row.text(2) ?? "", server: row.text(3),
      began: WallTime(milliseconds: row.integer(4) ?? 0),
      detected: WallTime(milliseconds: row.integer(5) ?? 0), cause: row.text(6) ?? "",
      actions: actions(of: row.text(7) ?? ""),
      resolved: row.integer(8).map(WallTime.init(milliseconds:)), duration: row.real(9))
  }

  /// A JSON array of strings.
  private static func text(of actions: [String]) -> String {
    guard let data = try? JSONEncoder().encode(actions) else { return "[]" }
    return String(decoding: data, as: UTF8.self)
  }

  private static func actions(of text: String) -> [String] {
    (try? JSONDecoder().decode([String].self, from: Data(text.utf8))) ?? []
  }
}
