/// A look at a server from outside: whether it answers, and how.
public struct OutboundProbe: Sendable {
  /// How far it goes.
  public enum Goal: Sendable, Equatable {
    /// A connection and, with https, TLS agreed on; the response is empty.
    case connection
    /// The answer's head.
    case head
    /// The head, and the body up to the request's limit.
    case body
  }

  public var request: OutboundRequest
  public var goal: Goal

  public init(_ request: OutboundRequest, goal: Goal) {
    self.request = request
    self.goal = goal
  }
}
