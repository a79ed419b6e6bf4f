public import AdminAPI
public import Primitives

extension AccountBook {
  /// - Parameters:
  ///   - lifetime: nil lasts until it is taken back.
  ///   - maker: whose it is, unless it is one of the machine's own people. It may do no more than its
  ///     maker, and one that a token makes does not outlive that one.
  public mutating func addToken(
    _ name: String, digest: String, scope: TokenScope, lifetime: TimeSpan?, by maker: AdminActor,
    now: WallTime
  ) throws(AccountRefusal) -> TokenRecord {
    guard AccountNames.isGood(name) else { throw .invalid(AccountNames.rule) }
    guard let limit = maker.role, scope.role.map({ $0 <= limit }) ?? true else {
      throw .forbidden("a token may do no more than who makes it")
    }
    guard tokens[name] == nil else { throw .conflict("the token \(name) is there already") }
    guard tokens.count < Self.mostTokens else {
      throw .conflict("there are \(Self.mostTokens) tokens, and there can be no more")
    }
    var expires = lifetime.map { now.advanced(by: $0) }
    var owner = users[maker.name].map(\.name)
    switch maker.means {
    case .token:
      guard let own = maker.token.flatMap({ tokens[$0] }) else {
        throw .forbidden("the token that asks is not there any more")
      }
      owner = own.owner
      if let end = own.expires { expires = min(expires ?? end, end) }
    case .socket, .local, .setUp, .none: owner = nil
    case .session: break
    }
    let token = TokenRecord(
      name: name, digest: digest, owner: owner, scope: scope, created: now, expires: expires)
    put(token)
    return token
  }

  /// Whom a token concerns: its owner and admins.
  public func mayTouch(_ token: TokenRecord, _ actor: AdminActor) -> Bool {
    if actor.role == .admin { return true }
    return token.owner.map { $0 == actor.name } ?? (token.name == actor.token)
  }

  public mutating func removeToken(
    _ name: String, by actor: AdminActor
  ) throws(AccountRefusal) -> TokenRecord {
    // Whose it isn't doesn't learn that it is there.
    guard let token = tokens[name], mayTouch(token, actor) else {
      throw .unknown("there is no token \(name)")
    }
    drop(token: token)
    return token
  }
}
