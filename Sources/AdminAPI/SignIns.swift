public import Primitives

/// Who asks, as Ballast sees it: `GET /v1/session`.
public struct SessionStatus: Codable, Sendable, Equatable {
  /// Whether one has to sign in here at all.
  public var required: Bool
  public var signedIn: Bool
  /// There is nobody yet who could: a first admin is to be made, with the token of the first run.
  public var setup: Bool
  public var name: String?
  public var role: Role?
  public var means: AdminActor.Means?
  public var token: String?
  /// What changes have to carry in `X-Ballast-CSRF`; only of a session by cookie.
  public var csrf: String?
  public var expires: WallTime?

  public init(
    required: Bool, signedIn: Bool, setup: Bool, name: String? = nil, role: Role? = nil,
    means: AdminActor.Means? = nil, token: String? = nil, csrf: String? = nil,
    expires: WallTime? = nil
  ) {
    self.required = required
    self.signedIn = signedIn
    self.setup = setup
    self.name = name
    self.role = role
    self.means = means
    self.token = token
    self.csrf = csrf
    self.expires = expires
  }
}

public struct SignInRequest: Codable, Sendable, Equatable {
  public var name: String
  public var password: String
  /// Asks for a token in the place of a cookie, of that name.
  public var token: String?
  /// Of the token, in seconds.
  public var expires: Double?

  public init(name: String, password: String, token: String? = nil, expires: Double? = nil) {
    self.name = name
    self.password = password
    self.token = token
    self.expires = expires
  }
}

public struct PasswordChange: Codable, Sendable, Equatable {
  public var current: String
  public var password: String

  public init(current: String, password: String) {
    self.current = current
    self.password = password
  }
}

public struct UserStatus: Codable, Sendable, Equatable {
  public var name: String
  public var role: Role
  public var disabled: Bool
  public var created: WallTime
  public var lastSignIn: WallTime?
  /// That are open, and tokens that are good.
  public var sessions: Int
  public var tokens: Int

  public init(
    name: String, role: Role, disabled: Bool, created: WallTime, lastSignIn: WallTime?,
    sessions: Int, tokens: Int
  ) {
    self.name = name
    self.role = role
    self.disabled = disabled
    self.created = created
    self.lastSignIn = lastSignIn
    self.sessions = sessions
    self.tokens = tokens
  }
}

public struct NewUser: Codable, Sendable, Equatable {
  public var name: String
  public var role: Role
  public var password: String

  public init(name: String, role: Role, password: String) {
    self.name = name
    self.role = role
    self.password = password
  }
}

/// A part that is nil stays as it is.
public struct UserChange: Codable, Sendable, Equatable {
  public var role: Role?
  public var password: String?
  public var disabled: Bool?

  public init(role: Role? = nil, password: String? = nil, disabled: Bool? = nil) {
    self.role = role
    self.password = password
    self.disabled = disabled
  }
}
