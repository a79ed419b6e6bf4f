public import AdminAPI
public import Primitives

/// What a program shows to be let in. The token itself is nowhere but with its holder.
public struct TokenRecord: Sendable, Equatable {
  /// As `AccountNames` allows; no two tokens have the same.
  public var name: String
  /// SHA-256 of the token, in hexadecimal. It has 256 random bits, so nothing slower is needed.
  public var digest: String
  /// Nil for one that the machine's own people made: it hangs on no user.
  public var owner: String?
  public var scope: TokenScope
  public var created: WallTime
  /// Nil lasts until it is taken back.
  public var expires: WallTime?
  /// To within `AccountBook.useGrain`.
  public var lastUsed: WallTime?

  public init(
    name: String, digest: String, owner: String?, scope: TokenScope, created: WallTime,
    expires: WallTime?, lastUsed: WallTime? = nil
  ) {
    self.name = name
    self.digest = digest
    self.owner = owner
    self.scope = scope
    self.created = created
    self.expires = expires
    self.lastUsed = lastUsed
  }

  func isOver(at now: WallTime) -> Bool { expires.map { $0 <= now } ?? false }
}
