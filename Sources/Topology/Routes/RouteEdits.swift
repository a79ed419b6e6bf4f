public import Routing

/// What a route changes in requests and answers. An object, so that a route that changes nothing costs
/// a look at one word.
public final class RouteEdits: Sendable {
  /// Of the route: what captures and the rest refer to.
  public let path: PathPattern
  /// What the server gets in place of the path; the query stays.
  public let rewrittenPath: TextTemplate?
  public let rewrittenHost: TextTemplate?
  public let request: FieldEdits
  public let answer: FieldEdits

  public init(
    path: PathPattern, rewrittenPath: TextTemplate? = nil, rewrittenHost: TextTemplate? = nil,
    request: FieldEdits = FieldEdits(), answer: FieldEdits = FieldEdits()
  ) {
    self.path = path
    self.rewrittenPath = rewrittenPath
    self.rewrittenHost = rewrittenHost
    self.request = request
    self.answer = answer
  }

  /// Whether the request line that the server gets is another than the client's.
  public var rewrites: Bool { rewrittenPath != nil || rewrittenHost != nil }
}
