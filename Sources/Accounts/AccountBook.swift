public import AdminAPI
public import Primitives

/// Users, tokens and sessions, and the rules between them. What changes is left in `changes`, for
/// whoever keeps it.
public struct AccountBook: Sendable {
  public static let mostUsers = 1_000
  public static let mostTokens = 10_000
  /// Of one user; the one that was used least lately goes first.
  public static let mostSessions = 20
  /// From the sign-in, whatever happens · without a request.
  public static let longestSession = TimeSpan.hours(7 * 24)
  public static let idleSession = TimeSpan.hours(12)
  /// How often it is noted that something was used.
  public static let useGrain = TimeSpan.minutes(5)

  public internal(set) var users: [String: UserRecord] = [:]
  public internal(set) var tokens: [String: TokenRecord] = [:]
  /// By digest.
  public internal(set) var sessions: [String: SessionRecord] = [:]
  /// Names of tokens by their digests.
  var tokenNames: [String: String] = [:]
  var changes: [AccountChange] = []

  /// What a store had. More than there may be is left out.
  public init(
    users: [UserRecord] = [], tokens: [TokenRecord] = [], sessions: [SessionRecord] = []
  ) {
    for user in users.prefix(Self.mostUsers) { self.users[user.name] = user }
    for token in tokens.prefix(Self.mostTokens) {
      self.tokens[token.name] = token
      tokenNames[token.digest] = token.name
    }
    for session in sessions.prefix(Self.mostUsers * Self.mostSessions) {
      if self.users[session.user] != nil { self.sessions[session.digest] = session }
    }
  }

  /// What is new since the last call.
  public mutating func takeChanges() -> [AccountChange] {
    defer { changes = [] }
    return changes
  }

  /// Whether somebody could sign in and do all.
  public var hasAdmin: Bool { users.values.contains { $0.role == .admin && !$0.isDisabled } }

  // MARK: Who it is

  /// Whoever holds the token with that digest; nil for one that is not good, or not any more.
  public mutating func actor(
    tokenDigest digest: String, from: String, now: WallTime
  ) -> AdminActor? {
    guard let name = tokenNames[digest], var token = tokens[name], !token.isOver(at: now) else {
      return nil
    }
    var role = token.scope.role
    if let owner = token.owner {
      guard let user = users[owner], !user.isDisabled else { return nil }
      role = role.map { min($0, user.role) }
    }
    if token.lastUsed.map({ now - $0 >= Self.useGrain || now < $0 }) ?? true {
      token.lastUsed = now
      put(token)
    }
    return AdminActor(
      name: token.owner ?? token.name, role: role, from: from, means: .token, token: name)
  }

  /// Whoever began the session with that digest; nil when it is over.
  public mutating func actor(
    sessionDigest digest: String, from: String, now: WallTime
  ) -> AdminActor? {
    guard var session = sessions[digest], isGood(session, now), let user = users[session.user]
    else { return nil }
    if now - session.lastUsed >= Self.useGrain {
      session.lastUsed = now
      put(session)
    }
    return AdminActor(name: user.name, role: user.role, from: from, means: .session)
  }

  /// Whether a token, or a session, still lets its holder in.
  public func isGood(token name: String, now: WallTime) -> Bool {
    guard let token = tokens[name], !token.isOver(at: now) else { return false }
    return token.owner.map { users[$0].map { !$0.isDisabled } ?? false } ?? true
  }

  public func isGood(session digest: String, now: WallTime) -> Bool {
    sessions[digest].map { isGood($0, now) } ?? false
  }

  private func isGood(_ session: SessionRecord, _ now: WallTime) -> Bool {
    // A clock that was set back makes no session last longer than its idle time.
    guard now < session.expires, let user = users[session.user] else { return false }
    return !user.isDisabled
  }

  /// Forgets what is over.
  public mutating func expire(now: WallTime) {
    for session in sessions.values where now >= session.expires { drop(session: session.digest) }
    for token in tokens.values where token.isOver(at: now) { drop(token: token) }
  }

  // MARK: Keeping

  mutating func put(_ user: UserRecord) {
    users[user.name] = user
    changes.append(.user(user))
  }

  mutating func put(_ token: TokenRecord) {
    tokens[token.name] = token
    tokenNames[token.digest] = token.name
    changes.append(.token(token))
  }

  mutating func put(_ session: SessionRecord) {
    sessions[session.digest] = session
    changes.append(.session(session))
  }

  mutating func drop(token: TokenRecord) {
    tokens[token.name] = nil
    tokenNames[token.digest] = nil
    changes.append(.tokenRemoved(token.name))
  }

  mutating func drop(session digest: String) {
    guard sessions.removeValue(forKey: digest) != nil else { return }
    changes.append(.sessionRemoved(digest))
  }
}
