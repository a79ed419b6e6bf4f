public import Primitives
public import Wire

/// Which requests a route takes.
public struct RouteMatch: Sendable, Hashable {
  /// One of them; empty takes any host and none.
  public var hosts: [HostPattern]
  public var path: PathPattern
  public var conditions: RequestConditions

  public init(
    hosts: [HostPattern] = [], path: PathPattern = .any,
    conditions: RequestConditions = RequestConditions()
  ) {
    self.hosts = hosts
    self.path = path
    self.conditions = conditions
  }
}

/// One place in the order of a listener's routes: a route, for one of its hosts.
public struct RouteRule: Sendable {
  /// What the table answers with.
  public var route: Int
  /// Nil takes any host and none.
  public var host: HostPattern?
  public var path: PathPattern
  public var conditions: RequestConditions
  public var priority: Int

  public init(
    route: Int, host: HostPattern?, path: PathPattern, conditions: RequestConditions,
    priority: Int
  ) {
    self.route = route
    self.host = host
    self.path = path
    self.conditions = conditions
    self.priority = priority
  }

  /// What keeps a rule from taking a request.
  public enum Mismatch: Sendable, Equatable {
    case host, path
    case condition(RequestConditions.Mismatch)
  }

  /// Nil when the rule takes the request, whose path is in its canonical form.
  public func mismatch(
    _ head: RequestHead, _ bytes: Span<UInt8>, client: ClientAddress, subject: [UInt8] = []
  ) -> Mismatch? {
    if let host, !host.takes(bytes, HostSyntax.name(bytes, head.hostRange)) { return .host }
    if !path.takes(bytes, head.pathRange) { return .path }
    return conditions.mismatch(head, bytes, client: client, subject: subject).map { .condition($0) }
  }
}
