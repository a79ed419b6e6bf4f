public import AdminAPI
public import Primitives

extension AccountBook {
  /// - Parameter password: the text of a `PasswordHash`.
  public mutating func add(
    _ name: String, role: Role, password: String, now: WallTime
  ) throws(AccountRefusal) -> UserRecord {
    if let refusal = refusal(ofNew: name, role: role) { throw refusal }
    let user = UserRecord(name: name, role: role, password: password, created: now)
    put(user)
    return user
  }

  /// Why there can't be such a user beside those that there are; asked before a password is hashed.
  public func refusal(ofNew name: String, role: Role) -> AccountRefusal? {
    guard AccountNames.isGood(name) else { return .invalid(AccountNames.rule) }
    guard users[name] == nil else { return .conflict("the user \(name) is there already") }
    guard users.count < Self.mostUsers else {
      return .conflict("there are \(Self.mostUsers) users, and there can be no more")
    }
    // Somebody has to be able to make the others.
    guard hasAdmin || role == .admin else {
      return .conflict("the first user is an admin: nobody could do the rest")
    }
    return nil
  }

  /// What is nil stays. A new password, a lower role or being disabled ends the user's sessions; who
  /// is disabled is not let in by tokens either.
  /// - Parameters:
  ///   - password: the text of a `PasswordHash`.
  ///   - keeping: the digest of the session that the change is made in.
  public mutating func change(
    _ name: String, role: Role? = nil, password: String? = nil, isDisabled: Bool? = nil,
    keeping: String? = nil
  ) throws(AccountRefusal) -> UserRecord {
    guard var user = users[name] else { throw .unknown("there is no user \(name)") }
    let before = user
    user.role = role ?? user.role
    user.password = password ?? user.password
    user.isDisabled = isDisabled ?? user.isDisabled
    if user.role != .admin || user.isDisabled { try requireAdmin(besides: before) }
    put(user)
    if password != nil || user.role < before.role || user.isDisabled {
      endSessions(of: name, keeping: keeping)
    }
    return user
  }

  /// With all sessions and tokens.
  public mutating func remove(_ name: String) throws(AccountRefusal) -> UserRecord {
    guard let user = users[name] else { throw .unknown("there is no user \(name)") }
    try requireAdmin(besides: user)
    endSessions(of: name)
    for token in tokens.values where token.owner == name { drop(token: token) }
    users[name] = nil
    changes.append(.userRemoved(name))
    return user
  }

  private func requireAdmin(besides user: UserRecord) throws(AccountRefusal) {
    let isOne = user.role == .admin && !user.isDisabled
    let hasOther = users.values.contains {
      $0.name != user.name && $0.role == .admin && !$0.isDisabled
    }
    if isOne, !hasOther { throw .conflict("\(user.name) is the last admin") }
  }

  // MARK: Sessions

  /// Begins one; the user's oldest goes when there are too many.
  public mutating func begin(
    session digest: String, of name: String, from: String, now: WallTime
  ) -> SessionRecord? {
    guard var user = users[name], !user.isDisabled else { return nil }
    let own = sessions.values.filter { $0.user == name }.sorted { $0.lastUsed < $1.lastUsed }
    for session in own.prefix(max(0, own.count - Self.mostSessions + 1)) {
      drop(session: session.digest)
    }
    user.lastSignIn = now
    put(user)
    let session = SessionRecord(
      digest: digest, user: name, from: from, began: now, lastUsed: now)
    put(session)
    return session
  }

  public mutating func end(session digest: String) { drop(session: digest) }

  private mutating func endSessions(of name: String, keeping: String? = nil) {
    for session in sessions.values where session.user == name && session.digest != keeping {
      drop(session: session.digest)
    }
  }
}
