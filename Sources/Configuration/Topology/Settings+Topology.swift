import Primitives
public import Topology
import Wire

// What the data plane is told, made of what the file says.

extension BalanceAlgorithm {
  public init(_ settings: BalanceSettings) {
    self =
      switch settings {
      case .roundRobin: .roundRobin
      case .random: .random
      case .powerOfTwo: .powerOfTwo
      case .leastConnections: .leastConnections
      case .leastTime: .leastTime
      case .aggregateLoad: .aggregateLoad
      case .first: .first
      case .hash(let hash): .hash(HashPolicy(hash))
      }
  }
}

extension HashPolicy {
  public init(_ settings: HashSettings) {
    let method: Method =
      switch settings.method {
      case .ring: .ring
      case .maglev: .maglev
      case .rendezvous: .rendezvous
      }
    self.init(
      keys: settings.keys.map(RequestKey.init), method: method, boundedLoad: settings.boundedLoad)
  }
}

extension RequestKey {
  public init(_ settings: RequestKeySettings) {
    self =
      switch settings {
      case .clientIP: .clientIP
      case .clientPort: .clientPort
      case .host: .host
      case .uri: .uri
      case .path: .path
      case .header(let name): .header(Array(name.utf8))
      case .cookie(let name): .cookie(Array(name.utf8))
      case .query(let name): .query(Array(name.utf8))
      case .time(let span): .time(span)
      }
  }
}

extension Stickiness {
  public init(_ settings: StickySettings) {
    self =
      switch settings {
      case .inserted(let cookie, let ttl): .inserted(cookie: Array(cookie.utf8), age: ttl ?? .zero)
      case .learned(let cookie, let ttl): .learned(cookie: Array(cookie.utf8), expiry: ttl)
      case .source(let ttl): .source(expiry: ttl)
      }
  }
}

extension EjectionPolicy {
  public init(_ settings: EjectionSettings) {
    self.init(
      failures: settings.failures, window: settings.window, time: settings.time,
      longest: settings.longest, maxShare: settings.maxShare, successRate: settings.successRate,
      minimumRequests: settings.minimumRequests)
  }
}

extension RetryPolicy {
  public init(_ settings: RetrySettings) {
    self.init(
      attempts: settings.attempts,
      onConnectFailure: settings.conditions.contains(.connectFailure),
      onReset: settings.conditions.contains(.reset),
      onGatewayError: settings.conditions.contains(.gatewayError),
      onRefusedStream: settings.conditions.contains(.refusedStream),
      onGRPC: GRPCStatusSet(settings.conditions.compactMap(\.grpcStatus)), budget: settings.budget,
      perTryTimeout: settings.perTryTimeout ?? .zero, hedgeAfter: settings.hedge ?? .zero)
  }
}

extension Timeouts {
  public init(_ settings: TimeoutSettings) {
    self.init(
      connect: settings.connect, response: settings.response, idle: settings.idle,
      total: settings.total)
  }
}

extension Limits {
  public init(_ settings: LimitSettings) {
    self.init(
      connections: settings.connections, requests: settings.requests, queue: settings.queue,
      queueTimeout: settings.queueTimeout, isAdaptive: settings.isAdaptive)
  }
}

extension ErrorPages {
  public init(_ settings: [ErrorPageSettings]) {
    self.init(
      settings.map { page in
        Page(
          statuses: page.statuses, isJSON: page.kind == .json,
          contentType: Array(page.kind.contentType.utf8), body: Array(page.text.utf8))
      })
  }
}

extension ListenerPolicy {
  public init(_ settings: ListenerSettings) {
    self.init()
    trustedProxies = AddressSet(settings.trustedProxies)
    connections = settings.limits.connections
    connectionsPerAddress = settings.limits.connectionsPerAddress
    headBytes = Int(clamping: settings.limits.head)
    headFields = settings.limits.fields
    bodyBytes = settings.limits.body
    headTime = settings.timeouts.head
    idleTime = settings.timeouts.idle
    leastBodyRate = Int(clamping: settings.leastRate.body)
    // Over TLS it is agreed on in the handshake.
    takesHTTP2 = settings.tls == nil && settings.http2 ?? false
    leastAnswerRate = Int(clamping: settings.leastRate.answer)
    grace = settings.leastRate.grace
    rateLimits = settings.rateLimits.map(RateLimit.init)
    strictTransport = settings.hsts.map { Array($0.line.utf8) } ?? []
  }
}

extension RateLimit {
  public init(_ settings: RateLimitSettings) {
    let key: Key =
      switch settings.key {
      case .all: .all
      case .clientIP: .clientIP
      case .header(let name): .header(Array(name.utf8))
      case .cookie(let name): .cookie(Array(name.utf8))
      }
    self.init(key: key, count: settings.count, per: settings.span, burst: settings.burst)
  }
}

extension CompressionPolicy {
  /// nil when it is off.
  public convenience init?(_ settings: CompressionSettings?) {
    guard let settings, settings.isOn else { return nil }
    let codings = settings.encodings.map { encoding -> ContentCoding in
      switch encoding {
      case .gzip: .gzip
      case .br: .brotli
      case .zstd: .zstd
      }
    }
    let levels = ContentCoding.allCases.map { coding in
      switch coding {
      case .gzip: settings.gzipLevel
      case .brotli: settings.brotliLevel
      case .zstd: settings.zstdLevel
      }
    }
    self.init(
      codings: codings, levels: levels, minimumBytes: settings.minimumSize,
      types: settings.types.map { MediaPattern($0) })
  }
}

extension RouteCompression {
  public init(_ settings: CompressionSettings?) {
    guard let settings else {
      self = .asService
      return
    }
    self = CompressionPolicy(settings).map { .on($0) } ?? .off
  }
}
