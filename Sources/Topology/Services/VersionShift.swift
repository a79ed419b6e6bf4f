/// How the requests of a service are divided while two versions of it run side by side; the servers
/// of the new one are `Server.isNew`.
public struct VersionShift: Sendable, Equatable {
  /// Of the requests that nothing else decides, 0 … 1, that the new version's servers get.
  public let share: Double
  /// Requests that go to the new version whatever the share is.
  public let match: VersionMatch?

  /// A version without a server that could take a request leaves all of them to the other one.
  public init(share: Double, match: VersionMatch? = nil, servers: [Server]) {
    func isUsable(_ new: Bool) -> Bool {
      servers.contains { $0.isNew == new && $0.takesNewWork && $0.health == .healthy }
    }
    let (new, old) = (isUsable(true), isUsable(false))
    // What is not a number is not above 0.
    let wanted = share > 0 ? min(share, 1) : 0
    self.share = new == old ? wanted : new ? 1 : 0
    self.match = new ? match : nil
  }
}

/// What a request has to have to go to a new version.
public struct VersionMatch: Sendable, Equatable {
  public enum Place: Sendable, Equatable {
    /// A header's name, in lower case.
    case header([UInt8])
    /// A cookie's name.
    case cookie([UInt8])
  }

  public let place: Place
  /// Byte for byte; nil for any.
  public let value: [UInt8]?

  public init(_ place: Place, value: [UInt8]? = nil) {
    self.place = place
    self.value = value
  }
}
