public import Primitives

/// What a token is good for.
public enum TokenScope: String, Codable, Sendable, CaseIterable {
  /// `/metrics` and nothing else.
  case metrics
  case viewer, `operator`, admin

  /// Nil reads metrics only.
  public var role: Role? {
    switch self {
    case .metrics: nil
    case .viewer: .viewer
    case .operator: .operator
    case .admin: .admin
    }
  }
}

public struct TokenStatus: Codable, Sendable, Equatable {
  public var name: String
  /// Nil for one of the machine's own people.
  public var owner: String?
  public var scope: TokenScope
  public var created: WallTime
  /// Nil lasts until it is taken back.
  public var expires: WallTime?
  /// To within five minutes.
  public var lastUsed: WallTime?

  public init(
    name: String, owner: String?, scope: TokenScope, created: WallTime, expires: WallTime?,
    lastUsed: WallTime?
  ) {
    self.name = name
    self.owner = owner
    self.scope = scope
    self.created = created
    self.expires = expires
    self.lastUsed = lastUsed
  }
}

public struct TokenRequest: Codable, Sendable, Equatable {
  public var name: String
  public var scope: TokenScope
  /// Seconds; 0 lasts until it is taken back, nil lasts 90 days.
  public var expires: Double?

  public init(name: String, scope: TokenScope, expires: Double? = nil) {
    self.name = name
    self.scope = scope
    self.expires = expires
  }
}

/// Told once.
public struct NewToken: Codable, Sendable, Equatable {
  public var token: String
  public var status: TokenStatus

  public init(token: String, status: TokenStatus) {
    self.token = token
    self.status = status
  }
}
