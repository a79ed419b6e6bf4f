import Topology

/// What the workers share to keep limits exactly, as one topology wants it.
struct GuardTables: Sendable {
  /// Of one listener.
  struct ListenerTables: Sendable {
    let connections: ConnectionCount
    /// Nil while no limit asks for it.
    var addresses: AddressCounts?
    var rates: [RateTable] = []

    init() { connections = ConnectionCount() }
  }

  /// By `ListenerID.index`; kept for good, since connections that are counted there may be open.
  private(set) var listeners: [ListenerTables] = []

  /// By `RouteID.index`; short of routes that limit nothing at the end.
  private(set) var routes: [[RateTable]] = []

  /// Whether any request has to be counted.
  private(set) var limitsRequests = false

  /// Takes over a topology. A limit that stays as it was keeps its buckets.
  mutating func adopt(_ snapshot: TopologySnapshot) {
    limitsRequests = false
    for listener in snapshot.listeners {
      let index = listener.id.index
      while listeners.count <= index { listeners.append(ListenerTables()) }
      if listener.policy.connectionsPerAddress > 0, listeners[index].addresses == nil {
        listeners[index].addresses = AddressCounts()
      }
      listeners[index].rates = Self.tables(
        for: listener.policy.rateLimits, keeping: listeners[index].rates)
      if !listeners[index].rates.isEmpty { limitsRequests = true }
    }
    let before = routes
    routes = []
    for route in snapshot.routes where !route.rateLimits.isEmpty {
      let index = route.id.index
      while routes.count <= index { routes.append([]) }
      routes[index] = Self.tables(
        for: route.rateLimits, keeping: index < before.count ? before[index] : [])
      limitsRequests = true
    }
  }

  private static func tables(
    for limits: [RateLimit], keeping before: [RateTable]
  ) -> [RateTable] {
    var kept = before
    return limits.compactMap { limit in
      if let place = kept.firstIndex(where: { $0.limit == limit }) { return kept.remove(at: place) }
      return RateTable(limit)
    }
  }
}
