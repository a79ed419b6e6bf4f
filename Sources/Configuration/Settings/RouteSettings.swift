public import Routing

/// `routes: [ … ]`.
public struct RouteSettings: Sendable, Equatable {
  /// What becomes of a request; exactly one.
  public enum Action: Sendable, Equatable {
    case service(String)
    case split(SplitSettings)
  }

  public var name: String
  /// Names of listeners; empty means all.
  public var listeners: [String]
  public var match: RouteMatch
  public var priority: Int
  public var action: Action
  public var errorPages: [ErrorPageSettings] = []

  public init(
    name: String, listeners: [String] = [], match: RouteMatch = RouteMatch(), priority: Int = 0,
    action: Action
  ) {
    self.name = name
    self.listeners = listeners
    self.match = match
    self.priority = priority
    self.action = action
  }

  /// The services that its requests may go to.
  public var services: [String] {
    switch action {
    case .service(let name): [name]
    case .split(let split): split.parts.map(\.service)
    }
  }
}

/// `split: { NAME: WEIGHT, … }` and `splitKey`.
public struct SplitSettings: Sendable, Equatable {
  public struct Part: Sendable, Equatable {
    public var service: String
    public var weight: Int

    public init(service: String, weight: Int) {
      self.service = service
      self.weight = weight
    }
  }

  public var parts: [Part]
  /// Requests with the same key go to the same service.
  public var keys: [RequestKeySettings]

  public init(parts: [Part], keys: [RequestKeySettings] = [.clientIP]) {
    self.parts = parts
    self.keys = keys
  }
}
