public import Routing

/// `routes: [ … ]`.
public struct RouteSettings: Sendable, Equatable {
  /// What becomes of a request; exactly one.
  public enum Action: Sendable, Equatable {
    case service(String)
    case split(SplitSettings)
    case redirect(Redirect)
    case respond(FixedAnswer)
  }

  public var name: String
  /// Names of listeners; empty means all.
  public var listeners: [String]
  public var match: RouteMatch
  /// On a `tls-passthrough` listener: protocols of which the client speaks one; empty means any.
  public var alpn: [String] = []
  public var priority: Int
  public var action: Action
  public var mirror: MirrorSettings?
  public var errorPages: [ErrorPageSettings] = []
  /// nil leaves it to the service.
  public var compression: CompressionSettings?
  public var rateLimits: [RateLimitSettings] = []
  /// Bytes that a request's body may have; 0 leaves it to the listener.
  public var bodyLimit: Int64 = 0
  public var rewrite: RewriteSettings
  public var requestHeaders: FieldEdits
  public var responseHeaders: FieldEdits

  public init(
    name: String, listeners: [String] = [], match: RouteMatch = RouteMatch(), priority: Int = 0,
    action: Action, rewrite: RewriteSettings = RewriteSettings(),
    requestHeaders: FieldEdits = FieldEdits(), responseHeaders: FieldEdits = FieldEdits()
  ) {
    self.rewrite = rewrite
    self.requestHeaders = requestHeaders
    self.responseHeaders = responseHeaders
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
    case .redirect, .respond: []
    }
  }
}

/// `rewrite: { path, host }`: what the server gets; nil leaves it as it came.
public struct RewriteSettings: Sendable, Equatable {
  public var path: TextTemplate?
  public var host: TextTemplate?

  public init(path: TextTemplate? = nil, host: TextTemplate? = nil) {
    self.path = path
    self.host = host
  }
}

/// `mirror: { service, share }`.
public struct MirrorSettings: Sendable, Equatable {
  public var service: String
  /// Of the requests, 0 … 1.
  public var share: Double

  public init(service: String, share: Double = 1) {
    self.service = service
    self.share = share
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
