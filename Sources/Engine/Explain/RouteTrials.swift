import AdminAPI
import Configuration
import Primitives
import Routing
import Topology
import Wire

/// Every rule of a listener, and what it says to a request.
struct RouteTrials {
  private(set) var trials: [RequestExplanation.RouteTrial] = []
  /// An index into the snapshot's routes.
  private(set) var taker: Int?

  /// - Parameter tables: of the snapshot, for what the routes do.
  init(
    _ snapshot: TopologySnapshot, _ tables: RouteTables, listener: Int, _ head: RequestHead,
    _ bytes: Span<UInt8>, client: ClientAddress
  ) {
    for rule in snapshot.listeners[listener].table.rules {
      var trial = RequestExplanation.RouteTrial(
        route: snapshot.routes[rule.route].name, result: "not-asked", host: rule.host?.text,
        path: rule.path == .any ? nil : rule.path.text)
      let conditions = rule.conditions.texts
      trial.conditions = conditions.isEmpty ? nil : conditions
      if tables.routes.indices.contains(rule.route) {
        trial.action = tables.routes[rule.route].action.text
        trial.service = tables.routes[rule.route].action.onlyService
      }
      if taker == nil {
        switch rule.mismatch(head, bytes, client: client) {
        case .host?: trial.result = "host"
        case .path?: trial.result = "path"
        case .condition(let mismatch)?:
          trial.result = mismatch.name
          trial.failed = rule.conditions.text(of: mismatch)
        case nil:
          trial.result = "matched"
          taker = rule.route
        }
      }
      trials.append(trial)
    }
    guard let last = snapshot.listeners[listener].defaultRoute else { return }
    let route = snapshot.routes[last]
    var trial = RequestExplanation.RouteTrial(
      route: route.name, result: taker == nil ? "matched" : "not-asked", host: nil, path: nil)
    if case .service(let service) = route.action {
      trial.service = snapshot.services[service].name
      trial.action = trial.service
    }
    trials.append(trial)
    taker = taker ?? last
  }
}
