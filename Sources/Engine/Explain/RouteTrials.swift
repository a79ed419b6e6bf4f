import AdminAPI
import Routing
import Topology
import Wire

/// Every route of a listener, and what it says to a request.
struct RouteTrials {
  private(set) var trials: [RequestExplanation.RouteTrial] = []
  /// An index into the snapshot's routes.
  private(set) var taker: Int?

  init(
    _ snapshot: TopologySnapshot, listener: Int, _ head: RequestHead, _ bytes: Span<UInt8>
  ) {
    let host = HostSyntax.name(bytes, head.hostRange)
    for index in snapshot.listeners[listener].routes {
      let route = snapshot.routes[index]
      var result = "not-asked"
      if taker == nil {
        switch route.mismatch(bytes, host: host, path: head.pathRange) {
        case .host: result = "host"
        case .path: result = "path"
        case nil:
          result = "matched"
          taker = index
        }
      }
      trials.append(
        .init(
          route: route.name, result: result,
          host: route.host.map { String(decoding: $0, as: UTF8.self) }, path: route.path.text,
          service: snapshot.services[route.service].name))
    }
  }
}

extension Route.Path {
  /// As in the configuration; nil takes any.
  fileprivate var text: String? {
    switch self {
    case .any: nil
    case .exact(let path): String(decoding: path, as: UTF8.self)
    case .prefix(let prefix): String(decoding: prefix, as: UTF8.self) + "*"
    }
  }
}
