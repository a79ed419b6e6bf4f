import Audit

/// Where the chain begins and ends, as the store keeps it.
struct AuditEnds: Sendable, Equatable {
  /// The last entry that went because there were too many.
  var removed = AuditHead()
  /// The newest entry.
  var head = AuditHead()

  /// Nil where the store has nothing to say, or nothing that could be.
  static func read(_ database: Database) throws(StoreError) -> AuditEnds? {
    var ends: AuditEnds?
    try database.run(
      "SELECT removed, removed_hash, number, hash FROM audit_ends WHERE id = 1"
    ) { row in
      guard let removed = row.integer(0), let removedHash = row.text(1).flatMap({ AuditHash($0) }),
        let number = row.integer(2), let hash = row.text(3).flatMap({ AuditHash($0) })
      else { return }
      ends = AuditEnds(
        removed: AuditHead(number: removed, hash: removedHash),
        head: AuditHead(number: number, hash: hash))
    }
    return ends
  }

  /// A store that says nothing goes on from its last row; `audit verify` tells that it did.
  static func readOrGuess(_ database: Database) throws(StoreError) -> AuditEnds {
    if let ends = try read(database) { return ends }
    var ends = AuditEnds()
    try database.run("SELECT number, hash FROM audit ORDER BY number DESC LIMIT 1") { row in
      ends.head = AuditHead(
        number: row.integer(0) ?? 0, hash: row.text(1).flatMap { AuditHash($0) } ?? .genesis)
    }
    return ends
  }

  func save(_ database: Database) throws(StoreError) {
    try database.run(
      """
      INSERT OR REPLACE INTO audit_ends (id, removed, removed_hash, number, hash)
      VALUES (1, ?, ?, ?, ?)
      """,
      [
        .integer(removed.number), .text(removed.hash.description), .integer(head.number),
        .text(head.hash.description),
      ])
  }
}
