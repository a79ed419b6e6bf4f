public import Primitives

/// `listeners: { NAME: … }`.
public struct ListenerSettings: Sendable, Equatable {
  public var name: String
  public var address: SocketAddress
  public var `protocol`: ListenerProtocol
  /// The service that takes every request which no route of this listener takes.
  public var service: String?
  public var errorPages: [ErrorPageSettings] = []
  /// Proxies whose word about their clients counts.
  public var trustedProxies: [AddressBlock] = []
  public var limits = ListenerLimitSettings()
  public var timeouts = ListenerTimeoutSettings()
  public var leastRate = LeastRateSettings()
  public var rateLimits: [RateLimitSettings] = []
  /// Whether clients may speak HTTP/2; nil is yes over TLS, and no in clear text.
  public var http2: Bool?
  /// `acceptProxyProtocol: { from }`: who has to send a PROXY header; nil means nobody may.
  public var proxies: [AddressBlock]?
  /// Permissions of a unix socket's file; nil leaves them to the keeper, 0660.
  public var mode: Int?
  /// For UDP: clients that are remembered at a time.
  public var sessions: Int
  /// nil serves clients without TLS.
  public var tls: ListenerTLSSettings?
  /// Sends clients to the same place over https.
  public var httpsRedirect: HTTPSRedirectSettings?
  public var hsts: StrictTransportSettings?

  public init(
    name: String, address: SocketAddress, protocol: ListenerProtocol = .http,
    service: String? = nil, proxies: [AddressBlock]? = nil, mode: Int? = nil,
    sessions: Int = 16_384
  ) {
    self.name = name
    self.address = address
    self.protocol = `protocol`
    self.service = service
    self.proxies = proxies
    self.mode = mode
    self.sessions = sessions
  }
}

/// `limits: { … }` of a listener. Zero is no limit.
public struct ListenerLimitSettings: Sendable, Equatable {
  public var connections = 0
  public var connectionsPerAddress = 0
  /// Bytes.
  public var head: Int64 = 64 << 10
  public var fields = 128
  /// Bytes.
  public var body: Int64 = 0

  public init() {}
}

/// `timeouts: { … }` of a listener.
public struct ListenerTimeoutSettings: Sendable, Equatable {
  public var head = TimeSpan.seconds(10)
  public var idle = TimeSpan.seconds(75)

  public init() {}
}

/// `leastRate: { … }`: bytes a second, 0 asks for nothing.
public struct LeastRateSettings: Sendable, Equatable {
  public var body: Int64 = 100
  public var answer: Int64 = 100
  public var grace = TimeSpan.seconds(10)

  public init() {}
}

/// `rateLimit: { rate, burst, key }`.
public struct RateLimitSettings: Sendable, Equatable {
  public enum Key: Sendable, Equatable {
    /// All requests together.
    case all
    case clientIP
    case header(String)
    case cookie(String)
  }

  public var key: Key
  /// Requests in `span`.
  public var count: Int
  public var span: TimeSpan
  public var burst: Int

  public init(key: Key = .clientIP, count: Int, per span: TimeSpan, burst: Int) {
    self.key = key
    self.count = count
    self.span = span
    self.burst = burst
  }
}
