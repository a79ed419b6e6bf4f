public import Routing

/// What becomes of the requests that a rule of a listener's table leads here.
public struct Route: Sendable {
  public let id: RouteID
  public let name: String
  public let action: RouteAction
  /// Nil changes nothing.
  public let edits: RouteEdits?
  /// Nil for a route whose requests nobody gets copies of.
  public let mirror: Mirror?
  public let errorPages: ErrorPages
  public let compression: RouteCompression
  public let rateLimits: [RateLimit]
  /// Bytes that a request's body may have; 0 leaves it to the listener.
  public let bodyBytes: Int64

  public init(
    id: RouteID, name: String, action: RouteAction, edits: RouteEdits? = nil, mirror: Mirror? = nil,
    errorPages: ErrorPages = ErrorPages(), compression: RouteCompression = .asService,
    rateLimits: [RateLimit] = [], bodyBytes: Int64 = 0
  ) {
    self.rateLimits = rateLimits
    self.bodyBytes = bodyBytes
    self.errorPages = errorPages
    self.compression = compression
    self.id = id
    self.name = name
    self.action = action
    self.edits = edits
    self.mirror = mirror
  }
}

public enum RouteAction: Sendable {
  /// An index into `TopologySnapshot.services`.
  case service(Int)
  case split(TrafficSplit)
  /// - `needsKnownHost`: it sends back the host that the client named, and the route takes any.
  case redirect(Redirect, needsKnownHost: Bool)
  case respond(FixedAnswer)
}
