/// How a service's servers are chosen among, and why so.
public struct BalanceDecision: Sendable, Equatable {
  public var balance: BalanceSettings
  /// A sentence without its full stop.
  public var reason: String

  /// What is written holds; without it the algorithm follows the fleet and the protocol.
  ///
  /// HTTP: the time to an answer says most about a server, and choosing the better of two at random
  /// keeps many balancers from running to the same one (Mitzenmacher, "The Power of Two Choices in
  /// Randomized Load Balancing", 2001). TCP and UDP: there is no answer whose time could be taken,
  /// and connections last, so their number is the load.
  ///
  /// - Parameter servers: how many the service has now.
  public init(_ service: ServiceSettings, servers: Int) {
    if service.standby != nil {
      balance = .first
      reason = "one server is active at a time; the others stand by"
    } else if let written = service.balance {
      balance = written
      reason = "the configuration names it"
    } else if service.protocol.kind != .http {
      balance = .leastConnections
      reason = "the default without HTTP: connections last, so their number is the load"
    } else {
      balance = .leastTime
      reason =
        servers > 1
        ? "the default for HTTP: peak EWMA over two choices turns away from slow servers by itself"
        : "the default for HTTP; with one server there is nothing to choose"
    }
  }
}
