internal import AdminAPI
internal import Primitives

extension Table {
  static func users(_ users: [UserStatus]) -> Table {
    Table(
      columns: [
        Column("USER"), Column("ROLE"), Column("STATE"), Column("LAST SIGN-IN"),
        Column("SESSIONS", right: true), Column("TOKENS", right: true),
        Column("CREATED", wide: true),
      ],
      rows: users.map { user in
        Row(
          name: user.name,
          cells: [
            Cell(user.name), Cell(user.role.rawValue),
            user.disabled ? Cell("disabled", .bad) : Cell("enabled", .good),
            Cell(user.lastSignIn.map { HumanText.moment($0) } ?? "never"),
            Cell("\(user.sessions)"), Cell("\(user.tokens)"), Cell(HumanText.moment(user.created)),
          ])
      })
  }

  static func tokens(_ tokens: [TokenStatus]) -> Table {
    Table(
      columns: [
        Column("TOKEN"), Column("OWNER"), Column("SCOPE"), Column("EXPIRES"), Column("LAST USED"),
        Column("CREATED", wide: true),
      ],
      rows: tokens.map { token in
        Row(
          name: token.name,
          cells: [
            Cell(token.name), Cell(token.owner ?? "-"), Cell(token.scope.rawValue),
            Cell(token.expires.map { HumanText.moment($0) } ?? "never"),
            Cell(token.lastUsed.map { HumanText.moment($0) } ?? "never"),
            Cell(HumanText.moment(token.created)),
          ])
      })
  }
}

extension Invocation {
  /// A list that is no kind of `get`, in the form that `-o` names.
  /// - Parameter none: what to say in the place of an empty table.
  func printList(_ bytes: [UInt8], _ none: String?, _ table: Table) {
    switch format {
    case .name: table.rows.forEach { console.print($0.name) }
    case .json, .yaml:
      if let value = JSONValue(parsing: bytes) { printData(value) }
    case .table, .wide:
      if let none { console.message(none) } else { printTable(table) }
    }
  }
}
