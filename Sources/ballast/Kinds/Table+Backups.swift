internal import AdminAPI
internal import Primitives

extension Table {
  static func backups(_ backups: [BackupStatus], now: WallTime) -> Table {
    Table(
      columns: [
        Column("BACKUP"), Column("TAKEN"), Column("AGE", right: true, restless: true),
        Column("SIZE", right: true), Column("FILE", wide: true),
      ],
      rows: backups.map { backup in
        Row(
          name: backup.name,
          cells: [
            Cell(backup.name), Cell(HumanText.moment(backup.taken)),
            Cell(HumanText.age(backup.taken, now: now)), Cell(HumanText.size(backup.bytes)),
            Cell(backup.file),
          ])
      })
  }

  /// What a restore replaces, table by table.
  static func restore(_ status: RestoreStatus) -> Table {
    Table(
      columns: [
        Column("TABLE"), Column("ROWS NOW", right: true), Column("IN THE BACKUP", right: true),
        Column("SHA-256", wide: true),
      ],
      rows: status.tables.map { table in
        Row(
          name: table.name,
          cells: [
            Cell(table.name), Cell(table.rowsNow.map { "\($0)" } ?? "-"),
            Cell(table.rows.map { "\($0)" } ?? "-"), Cell(table.sha256 ?? ""),
          ])
      })
  }
}

extension HumanText {
  /// `812 B`, `4.2 KiB`, `31 MiB`.
  static func size(_ bytes: Int64) -> String {
    var (value, units) = (Double(bytes), ["B", "KiB", "MiB", "GiB", "TiB"][...])
    while value >= 1_024, units.count > 1 {
      value /= 1_024
      units = units.dropFirst()
    }
    let unit = units.first ?? ""
    let whole = value >= 9.95 || value == value.rounded()
    return "\(whole ? "\(Int(value.rounded()))" : "\((value * 10).rounded() / 10)") \(unit)"
  }
}
