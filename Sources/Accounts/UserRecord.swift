public import AdminAPI
public import Primitives

/// Somebody who may sign in.
public struct UserRecord: Sendable, Equatable {
  /// As `AccountNames` allows.
  public var name: String
  public var role: Role
  /// The text of a `PasswordHash`.
  public var password: String
  public var isDisabled: Bool
  public var created: WallTime
  public var lastSignIn: WallTime?

  public init(
    name: String, role: Role, password: String, isDisabled: Bool = false, created: WallTime,
    lastSignIn: WallTime? = nil
  ) {
    self.name = name
    self.role = role
    self.password = password
    self.isDisabled = isDisabled
    self.created = created
    self.lastSignIn = lastSignIn
  }
}
