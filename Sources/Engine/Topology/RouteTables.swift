import Configuration
import Routing

/// The compiled routes of a configuration. They are made once for it: health and weights change the
/// topology many times a second, and thousands of hosts take milliseconds.
struct RouteTables: Sendable {
  /// In the order of the file; a table leads to places in this list.
  let routes: [RouteSettings]
  /// By listener.
  private(set) var tables: [String: RouteTable] = [:]

  init(_ settings: Settings) {
    let services = Set(settings.services.map(\.name))
    routes = settings.routes.filter { services.isSuperset(of: $0.services) }
    let rules = RouteOrder.rules(routes.map { ($0.match, $0.priority) })
    var made: [[Int]: RouteTable] = [:]
    for listener in settings.listeners {
      let taken = rules.indices.filter { place in
        let listeners = routes[rules[place].route].listeners
        // One that sends clients to https has only what is meant for it alone.
        if listener.httpsRedirect != nil { return listeners.contains(listener.name) }
        return listeners.isEmpty || listeners.contains(listener.name)
      }
      let table = made[taken] ?? RouteTable(taken.map { rules[$0] })
      made[taken] = table
      tables[listener.name] = table
    }
  }

  /// Whether all that a listener's routes do is to send clients elsewhere.
  func onlyRedirects(_ listener: String) -> Bool {
    guard let rules = tables[listener]?.rules, !rules.isEmpty else { return false }
    return rules.allSatisfy { rule in
      if case .redirect = routes[rule.route].action { true } else { false }
    }
  }
}
