public import Primitives

/// A class, so that a request holds it by one reference.
public final class Service: Sendable {
  public let id: ServiceID
  public let name: String
  /// The version of the PROXY header that each connection begins with; nil means none.
  public let proxyHeader: ProxyHeaderVersion?
  public let algorithm: BalanceAlgorithm
  public let servers: [Server]
  public let stickiness: Stickiness?
  public let ejection: EjectionPolicy
  /// How long a server that turned healthy takes to its full weight; zero is at once.
  public let slowStart: TimeSpan
  /// A tier with a smaller share of healthy servers, 0 … 1, is helped by the next.
  public let panicThreshold: Double
  public let retries: RetryPolicy
  public let timeouts: Timeouts
  public let limits: Limits
  /// Nil lets answers go as they are.
  public let compression: CompressionPolicy?
  /// nil for servers without TLS.
  public let security: ServerSecurity?
  /// HTTP/2: many requests on one connection.
  public let isMultiplexed: Bool
  /// Without a server, one is started when a request comes, which waits for so long; nil where a
  /// request without a server is refused.
  public let coldStart: TimeSpan?
  /// nil for one version.
  public let shift: VersionShift?

  public init(
    id: ServiceID, name: String, proxyHeader: ProxyHeaderVersion? = nil,
    algorithm: BalanceAlgorithm, servers: [Server],
    stickiness: Stickiness? = nil, ejection: EjectionPolicy = EjectionPolicy(),
    slowStart: TimeSpan = .zero, panicThreshold: Double = 0.5,
    retries: RetryPolicy = RetryPolicy(), timeouts: Timeouts = Timeouts(),
    limits: Limits = Limits(), compression: CompressionPolicy? = nil,
    security: ServerSecurity? = nil, isMultiplexed: Bool = false,
    coldStart: TimeSpan? = nil, shift: VersionShift? = nil
  ) {
    self.id = id
    self.name = name
    self.proxyHeader = proxyHeader
    self.algorithm = algorithm
    self.servers = servers
    self.stickiness = stickiness
    self.ejection = ejection
    self.slowStart = slowStart
    self.panicThreshold = panicThreshold
    self.retries = retries
    self.timeouts = timeouts
    self.limits = limits
    self.compression = compression
    self.security = security
    self.isMultiplexed = isMultiplexed
    self.coldStart = coldStart
    self.shift = shift
  }
}
