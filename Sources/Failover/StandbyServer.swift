/// One of the servers of a service that has one active server, as it stands now.
public struct StandbyServer: Sendable, Equatable {
  /// What its checks say. Failures that requests met don't count here: they ask for a check at once,
  /// and a few bad answers are no reason to fence a server.
  public enum Health: Sendable, Equatable {
    case unknown, healthy, unhealthy
  }

  public var name: String
  /// Where it is. The same name at another address is another server: it was never promoted.
  public var address: String
  public var health: Health
  /// Whether operators let it take work: neither draining, in maintenance, nor of weight 0.
  public var isReady: Bool

  public init(name: String, address: String, health: Health, isReady: Bool = true) {
    self.name = name
    self.address = address
    self.health = health
    self.isReady = isReady
  }

  /// Whether it may be promoted.
  public var isFit: Bool { health == .healthy && isReady }

  /// Whether the active one should hand over. One of which nothing is known yet stays: a reload may
  /// have given it other checks.
  var hasFailed: Bool { health == .unhealthy || !isReady }
}
