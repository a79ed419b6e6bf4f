/// What becomes of the requests that a rule of a listener's table leads here.
public struct Route: Sendable {
  public let id: RouteID
  public let name: String
  public let action: RouteAction
  public let errorPages: ErrorPages

  public init(
    id: RouteID, name: String, action: RouteAction, errorPages: ErrorPages = ErrorPages()
  ) {
    self.id = id
    self.name = name
    self.action = action
    self.errorPages = errorPages
  }
}

public enum RouteAction: Sendable {
  /// An index into `TopologySnapshot.services`.
  case service(Int)
  case split(TrafficSplit)
}
