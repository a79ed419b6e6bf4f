import Audit

/// Some rows of the chain as they are in the database, byte for byte, and what the store says of its ends
/// at the same moment.
struct AuditPage {
  static let rows = 5_000

  var rows: [AuditVerifier.Row] = []
  var ends: AuditEnds?

  /// Those that follow the number `after`. Nobody else may write meanwhile.
  static func read(
    _ database: Database, after: Int64, limit: Int = rows
  ) throws(StoreError) -> AuditPage {
    var page = AuditPage()
    page.rows.reserveCapacity(limit)
    page.ends = try AuditEnds.read(database)
    try database.run(
      "SELECT \(Store.auditColumns) FROM audit WHERE number > ? ORDER BY number LIMIT ?",
      [.integer(after), .integer(Int64(limit))]
    ) { row in
      var fields: [UInt8] = []
      fields.reserveCapacity(384)
      for column in 1...11 { row.appendValue(Int32(column), to: &fields) }
      var read = AuditVerifier.Row(
        number: row.integer(0) ?? 0, hash: row.text(12).flatMap { AuditHash($0) }, fields: fields)
      if row.text(6) == AuditRemoval.action {
        read.readRemoval(subject: row.text(7), after: row.text(9))
      }
      page.rows.append(read)
    }
    return page
  }
}

/// Feeds a verifier page by page.
struct AuditReading {
  private var verifier: AuditVerifier
  private var ends: AuditEnds?
  private(set) var last: Int64
  private(set) var isAtEnd = false

  init(_ ends: AuditEnds?, heads: [AuditHead]) throws(StoreError) {
    guard AuditDigest.of([]) != nil else {
      throw StoreError(.unavailable, "this system's OpenSSL has no SHA-256")
    }
    verifier = AuditVerifier(heads: heads, digest: AuditDigest.of)
    self.ends = ends
    let removed = ends?.removed ?? AuditHead()
    verifier.begin(after: removed)
    // Also what stands before the beginning is looked at.
    last = .min
  }

  mutating func take(_ page: AuditPage) {
    for row in page.rows { verifier.take(row) }
    ends = page.ends
    if let number = page.rows.last?.number { last = number }
    isAtEnd = page.rows.count < AuditPage.rows
  }

  mutating func verdict() -> AuditVerdict { verifier.finish(head: ends?.head) }
}
