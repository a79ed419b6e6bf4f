public import Accounts
import AdminAPI
import Primitives

extension Store {
  /// All of them, or none.
  public func save(_ changes: [AccountChange]) throws(StoreError) {
    guard !changes.isEmpty else { return }
    let database = try database
    try database.transaction { () throws(StoreError) in
      for change in changes { try Self.save(change, database) }
    }
  }

  private static func save(_ change: AccountChange, _ database: Database) throws(StoreError) {
    switch change {
    case .user(let user):
      try database.run(
        """
        INSERT OR REPLACE INTO users (name, role, password, disabled, created, last_sign_in)
        VALUES (?, ?, ?, ?, ?, ?)
        """,
        [
          .text(user.name), .text(user.role.rawValue), .text(user.password),
          .integer(user.isDisabled ? 1 : 0), .integer(user.created.milliseconds),
          SQLValue(user.lastSignIn?.milliseconds),
        ])
    case .token(let token):
      try database.run(
        """
        INSERT OR REPLACE INTO tokens (name, digest, owner, scope, created, expires, last_used)
        VALUES (?, ?, ?, ?, ?, ?, ?)
        """,
        [
          .text(token.name), .text(token.digest), SQLValue(token.owner),
          .text(token.scope.rawValue), .integer(token.created.milliseconds),
          SQLValue(token.expires?.milliseconds), SQLValue(token.lastUsed?.milliseconds),
        ])
    case .session(let session):
      try database.run(
        """
        INSERT OR REPLACE INTO sessions (digest, user, origin, began, last_used)
        VALUES (?, ?, ?, ?, ?)
        """,
        [
          .text(session.digest), .text(session.user), .text(session.from),
          .integer(session.began.milliseconds), .integer(session.lastUsed.milliseconds),
        ])
    case .userRemoved(let name):
      try database.run("DELETE FROM users WHERE name = ?", [.text(name)])
    case .tokenRemoved(let name):
      try database.run("DELETE FROM tokens WHERE name = ?", [.text(name)])
    case .sessionRemoved(let digest):
      try database.run("DELETE FROM sessions WHERE digest = ?", [.text(digest)])
    }
  }

  /// Rows whose words are not known are left out: nobody is let in by guess.
  public func accounts() throws(StoreError) -> AccountBook {
    var users: [UserRecord] = []
    try database.run(
      "SELECT name, role, password, disabled, created, last_sign_in FROM users ORDER BY created"
    ) { row in
      guard let name = row.text(0), let role = row.text(1).flatMap({ Role(rawValue: $0) }),
        let password = row.text(2)
      else { return }
      users.append(
        UserRecord(
          name: name, role: role, password: password, isDisabled: row.integer(3) != 0,
          created: WallTime(milliseconds: row.integer(4) ?? 0), lastSignIn: Self.time(row, 5)))
    }
    return AccountBook(users: users, tokens: try tokens(), sessions: try sessions())
  }

  private func tokens() throws(StoreError) -> [TokenRecord] {
    var tokens: [TokenRecord] = []
    try database.run(
      "SELECT name, digest, owner, scope, created, expires, last_used FROM tokens ORDER BY created"
    ) { row in
      guard let name = row.text(0), let digest = row.text(1),
        let scope = row.text(3).flatMap({ TokenScope(rawValue: $0) })
      else { return }
      tokens.append(
        TokenRecord(
          name: name, digest: digest, owner: row.text(2), scope: scope,
          created: WallTime(milliseconds: row.integer(4) ?? 0), expires: Self.time(row, 5),
          lastUsed: Self.time(row, 6)))
    }
    return tokens
  }

  private func sessions() throws(StoreError) -> [SessionRecord] {
    var sessions: [SessionRecord] = []
    try database.run(
      "SELECT digest, user, origin, began, last_used FROM sessions ORDER BY last_used DESC"
    ) { row in
      guard let digest = row.text(0), let user = row.text(1) else { return }
      sessions.append(
        SessionRecord(
          digest: digest, user: user, from: row.text(2) ?? "",
          began: WallTime(milliseconds: row.integer(3) ?? 0),
          lastUsed: WallTime(milliseconds: row.integer(4) ?? 0)))
    }
    return sessions
  }

  private static func time(_ row: Statement, _ column: Int32) -> WallTime? {
    row.integer(column).map { WallTime(milliseconds: $0) }
  }
}
