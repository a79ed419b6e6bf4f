import Primitives

extension Store {
  /// Takes the place of what was saved under its number. The oldest of the service go as `retention`
  /// says.
  public func save(_ record: DeploymentRecord) throws(StoreError) {
    let database = try database
    try database.transaction { () throws(StoreError) in
      try database.run(
        """
        INSERT OR REPLACE INTO deployments (
          number, service, revision, version, former, former_version, kind, strategy, state, reason,
          lines, author, began, ended, program)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """,
        [
          .integer(record.number), .text(record.service), .text(record.revision),
          SQLValue(record.version), SQLValue(record.former), SQLValue(record.formerVersion),
          .text(record.kind), .text(record.strategy), .text(record.state),
          SQLValue(record.reason), .text(record.lines.joined(separator: "\n")),
          .text(record.author), .integer(record.began.milliseconds),
          SQLValue(record.ended?.milliseconds), .text(record.program),
        ])
      try database.run(
        """
        DELETE FROM deployments WHERE service = ? AND number <= (
          SELECT number FROM deployments WHERE service = ? ORDER BY number DESC LIMIT 1 OFFSET ?)
        """,
        [
          .text(record.service), .text(record.service), .integer(Int64(retention.deployments)),
        ])
      // Of services that are gone as well.
      try database.run(
        """
        DELETE FROM deployments WHERE number <= (
          SELECT number FROM deployments ORDER BY number DESC LIMIT 1 OFFSET ?)
        """, [.integer(Int64(retention.allDeployments))])
    }
  }

  /// Oldest first.
  public func deployments() throws(StoreError) -> [DeploymentRecord] {
    var records: [DeploymentRecord] = []
    try database.run(
      """
      SELECT number, service, revision, version, former, former_version, kind, strategy, state,
        reason, lines, author, began, ended, program
      FROM deployments ORDER BY number LIMIT ?
      """, [.integer(Int64(retention.allDeployments))]
    ) { row in
      guard let number = row.integer(0), let service = row.text(1), let revision = row.text(2)
      else { return }
      var record = DeploymentRecord(
        number: number, service: service, revision: revision, version: row.text(3),
        former: row.text(4), formerVersion: row.text(5), kind: row.text(6) ?? "",
        strategy: row.text(7) ?? "", state: row.text(8) ?? "", author: row.text(11) ?? "",
        began: WallTime(milliseconds: row.integer(12) ?? 0), program: row.text(14) ?? "")
      record.reason = row.text(9)
      record.lines = (row.text(10) ?? "").split(separator: "\n").map(String.init)
      record.ended = row.integer(13).map { WallTime(milliseconds: $0) }
      records.append(record)
    }
    return records
  }
}
