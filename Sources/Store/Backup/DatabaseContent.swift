/// What is in a database, table by table: whatever tables there are.
struct DatabaseContent: Equatable {
  var schema: Int
  var tables: [BackupManifest.Table]

  /// Looks at a file that nobody writes: that it is ours and sound in all of its pages and indices,
  /// and then at each row.
  static func examine(_ path: String) throws(StoreError) -> DatabaseContent {
    let database = try Database(path: path)
    try database.execute("PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON")
    guard try database.integer("PRAGMA application_id") == Schema.applicationID else {
      throw StoreError(.damaged, "\(path): not a database of ballast")
    }
    var findings: [String] = []
    try database.run("PRAGMA integrity_check(3)") { row in
      if let finding = row.text(0), finding != "ok" { findings.append(finding) }
    }
    guard findings.isEmpty else {
      throw StoreError(.damaged, "\(path): \(findings.joined(separator: "; "))")
    }
    let version = Int(clamping: try database.integer("PRAGMA user_version") ?? 0)
    let names = try tableNames(database)
    var content = DatabaseContent(schema: version, tables: [])
    for name in names { content.tables.append(try table(name, database)) }
    return content
  }

  static func tableNames(_ database: Database) throws(StoreError) -> [String] {
    var names: [String] = []
    try database.run(
      "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
    ) { row in
      if let name = row.text(0) { names.append(name) }
    }
    return names
  }

  private static func table(
    _ name: String, _ database: Database
  ) throws(StoreError) -> BackupManifest.Table {
    var (columns, key) = ([String](), [(place: Int64, column: String)]())
    try database.run("SELECT name, pk FROM pragma_table_info(?)", [.text(name)]) { row in
      guard let column = row.text(0) else { return }
      columns.append(quoted(column))
      if let place = row.integer(1), place > 0 { key.append((place, quoted(column))) }
    }
    key.sort { $0.place < $1.place }
    let order = key.isEmpty ? "rowid" : key.map(\.column).joined(separator: ", ")
    let digest = try RunningDigest()
    var table = BackupManifest.Table(name: name, rows: 0, sha256: "")
    var bytes: [UInt8] = []
    try database.run(
      "SELECT \(columns.joined(separator: ", ")) FROM \(quoted(name)) ORDER BY \(order)"
    ) { row in
      bytes.removeAll(keepingCapacity: true)
      for column in 0..<Int32(clamping: columns.count) { row.appendValue(column, to: &bytes) }
      digest.update(bytes[...])
      table.rows &+= 1
    }
    table.sha256 = digest.finish()
    return table
  }

  static func quoted(_ name: String) -> String {
    "\"\(name.replacing("\"", with: "\"\""))\""
  }
}
