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
    try database.transaction { () throws(StoreError) in try insert(records, database) }
  }

  /// In the caller's transaction.
  func insert(_ records: [FaultRecord], _ database: Database) throws(StoreError) {
    guard !records.isEmpty else { return }
    let insert = try database.prepare(
      """
      INSERT OR REPLACE INTO faults
        (\(Self.faultColumns))
      VALUES (\(Self.faultPlaces))
      """)
    for record in records {
      try insert.run([
        .integer(record.id), .text(record.type.rawValue), .text(record.service),
        SQLValue(record.server), .integer(record.began.milliseconds),
        .integer(record.detected.milliseconds), .text(record.cause),
        .text(Self.text(of: record.actions)), SQLValue(record.resolved?.milliseconds),
        SQLValue(record.duration), SQLValue(record.subject), SQLValue(record.parent),
        SQLValue(record.inferredCause), SQLValue(record.actionTimes.map(Self.text(of:))),
        SQLValue(record.returns.map(Int64.init)), SQLValue(record.acknowledged?.milliseconds),
        SQLValue(record.acknowledgedBy), SQLValue(record.recovered?.milliseconds),
        SQLValue(record.resolvedBy),
      ])
    }
    try database.run(
      """
      DELETE FROM faults
      WHERE id <= (SELECT max(id) FROM faults) - ? AND resolved IS NOT NULL
      """, [.integer(Int64(retention.faults))])
  }

  /// Those that hang beneath no other, newest first, at most `limit` (and `readLimit`) of them; of one
  /// service also those with a record of it beneath.
  /// - Parameter known: counted and left out: the caller has something newer.
  public func faultRoots(
    service: String? = nil, openOnly: Bool = false, limit: Int = 100, except known: Set<Int64> = []
  ) throws(StoreError) -> [FaultRecord] {
    var conditions = ["parent IS NULL"]
    var values: [SQLValue] = []
    if let service {
      conditions.append(
        """
        (service = ? OR id IN (
          SELECT parent FROM faults WHERE service = ? AND parent IS NOT NULL))
        """)
      values += [.text(service), .text(service)]
    }
    if openOnly { conditions.append("resolved IS NULL") }
    return try faults(where: conditions, values, limit: limit, except: known)
  }

  /// Those that hang beneath one of these, newest first, at most `readLimit` of them.
  /// - Parameter known: counted and left out.
  public func faults(
    beneath roots: [Int64], except known: Set<Int64> = []
  ) throws(StoreError) -> [FaultRecord] {
    // Numbers of ours, so they may stand in the text; SQLite takes 32,766 parameters only.
    let ids = roots.prefix(Self.readLimit).map(String.init).joined(separator: ",")
    guard !ids.isEmpty else { return [] }
    return try faults(where: ["parent IN (\(ids))"], [], limit: Self.readLimit, except: known)
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
    return try faults(where: conditions, values, limit: limit)
  }

  private func faults(
    where conditions: [String], _ values: [SQLValue], limit: Int, except known: Set<Int64> = []
  ) throws(StoreError) -> [FaultRecord] {
    let values = values + [.integer(Int64(min(max(0, limit), Self.readLimit)))]
    let filter = conditions.isEmpty ? "" : "WHERE " + conditions.joined(separator: " AND ")
    var records: [FaultRecord] = []
    try database.run(
      "SELECT \(Self.faultColumns) FROM faults \(filter) ORDER BY id DESC LIMIT ?", values
    ) { row in
      if let id = row.integer(0), known.contains(id) { return }
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
    "id, type, service, server, began, detected, cause, actions, resolved, duration, subject, "
    + "parent, inferred_cause, action_times, returns, acknowledged, acknowledged_by, recovered, "
    + "resolved_by"
  private static let faultPlaces =
    faultColumns.split(separator: ",").map { _ in "?" }.joined(separator: ", ")

  /// Nil for a kind that this version does not know.
  private static func fault(_ row: Statement) -> FaultRecord? {
    guard let id = row.integer(0), let type = FaultRecord.Kind(rawValue: row.text(1) ?? "") else {
      return nil
    }
    return FaultRecord(
      id: id, type: type, service: row.text(2) ?? "", server: row.text(3),
      subject: row.text(10), parent: row.integer(11),
      began: WallTime(milliseconds: row.integer(4) ?? 0),
      detected: WallTime(milliseconds: row.integer(5) ?? 0), cause: row.text(6) ?? "",
      inferredCause: row.text(12), actions: texts(in: row.text(7) ?? "") ?? [],
      actionTimes: row.text(13).flatMap(times(in:)),
      returns: row.integer(14).map(Int.init(clamping:)),
      acknowledged: row.integer(15).map(WallTime.init(milliseconds:)),
      acknowledgedBy: row.text(16),
      recovered: row.integer(17).map(WallTime.init(milliseconds:)),
      resolved: row.integer(8).map(WallTime.init(milliseconds:)), resolvedBy: row.text(18),
      duration: row.real(9))
  }

  /// A JSON array.
  private static func text(of list: some Encodable) -> String {
    guard let data = try? JSONEncoder().encode(list) else { return "[]" }
    return String(decoding: data, as: UTF8.self)
  }

  private static func texts(in text: String) -> [String]? {
    plainTexts(in: text) ?? (try? JSONDecoder().decode([String].self, from: Data(text.utf8)))
  }

  private static func times(in text: String) -> [WallTime]? {
    guard let texts = texts(in: text) else { return nil }
    let times = texts.compactMap { WallTime($0) }
    return times.count == texts.count ? times : nil
  }

  /// Thousands of records are read for one answer, and a decoder is made for each: what has nothing
  /// escaped but slashes, as nearly all have, is read by hand. Nil for all else.
  static func plainTexts(in text: String) -> [String]? {
    var bytes = Array(text.utf8)[...]
    guard bytes.popFirst() == UInt8(ascii: "["), bytes.popLast() == UInt8(ascii: "]") else {
      return nil
    }
    var texts: [String] = []
    while !bytes.isEmpty {
      if !texts.isEmpty { guard bytes.popFirst() == UInt8(ascii: ",") else { return nil } }
      guard bytes.popFirst() == UInt8(ascii: "\"") else { return nil }
      var content: [UInt8] = []
      while let byte = bytes.popFirst(), byte != UInt8(ascii: "\"") {
        guard byte >= 32 else { return nil }
        if byte == UInt8(ascii: "\\") {
          guard bytes.popFirst() == UInt8(ascii: "/") else { return nil }
          content.append(UInt8(ascii: "/"))
        } else {
          content.append(byte)
        }
        guard !bytes.isEmpty else { return nil }
      }
      guard let known = String(validating: content, as: UTF8.self) else { return nil }
      texts.append(known)
    }
    return texts
  }
}
