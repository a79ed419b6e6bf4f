/// What an operator set for a server at run time; nil leaves the configuration's.
public struct ServerOverride: Sendable, Equatable {
  /// `ready`, `draining`, `maintenance`.
  public var state: String?
  public var weight: Int?

  public init(state: String? = nil, weight: Int? = nil) {
    self.state = state
    self.weight = weight
  }

  public var isEmpty: Bool { state == nil && weight == nil }
}
