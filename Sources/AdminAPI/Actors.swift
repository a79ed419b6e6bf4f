/// What somebody may do with the admin side. Each may all that the ones before may.
public enum Role: String, Codable, Sendable, CaseIterable, Comparable {
  /// Looks.
  case viewer
  /// Acts on what runs: drains, scales, deploys, acknowledges.
  case `operator`
  /// All, so the configuration, the users and the state as well.
  case admin

  private var rank: Int {
    switch self {
    case .viewer: 0
    case .operator: 1
    case .admin: 2
    }
  }

  public static func < (one: Role, other: Role) -> Bool { one.rank < other.rank }
}

/// Who asks the admin side for something, from where, and what shows it.
public struct AdminActor: Codable, Sendable, Equatable {
  public enum Means: String, Codable, Sendable {
    /// The unix socket, by what the kernel says of its other end: root, or Ballast's own user.
    case socket
    /// The loopback address of a Ballast that has no users.
    case local
    /// A password, some time ago · a token · the token of the first run.
    case session, token
    case setUp = "set-up"
    /// Nothing.
    case none
  }

  /// Of the user; of the machine's own people who they say to be, which is no proof.
  public var name: String
  /// Nil may only what everybody may.
  public var role: Role?
  /// `unix:uid 0` or `192.0.2.7:51234`.
  public var from: String
  public var means: Means
  /// The token's name.
  public var token: String?

  public init(name: String, role: Role?, from: String, means: Means, token: String? = nil) {
    self.name = name
    self.role = role
    self.from = from
    self.means = means
    self.token = token
  }

  /// Nobody that is known.
  public static func unknown(from: String) -> AdminActor {
    AdminActor(name: "", role: nil, from: from, means: .none)
  }
}
