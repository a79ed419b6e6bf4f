public import Primitives

/// `balance: NAME`, or `balance: { algorithm, key, method, boundedLoad }`.
public enum BalanceSettings: Sendable, Equatable {
  case roundRobin
  case random
  case powerOfTwo
  case leastConnections
  case leastTime
  case aggregateLoad
  case first
  case hash(HashSettings)

  /// As it is written.
  public var name: String {
    switch self {
    case .roundRobin: "round-robin"
    case .random: "random"
    case .powerOfTwo: "power-of-two"
    case .leastConnections: "least-connections"
    case .leastTime: "least-time"
    case .aggregateLoad: "aggregate-load"
    case .first: "first"
    case .hash: "hash"
    }
  }

  /// Each with its defaults.
  public static let all: [BalanceSettings] = [
    .roundRobin, .random, .powerOfTwo, .leastConnections, .leastTime, .aggregateLoad, .first,
    .hash(HashSettings()),
  ]

  /// The algorithm of that name with its defaults; nil when there is none.
  public init?(named name: String) {
    guard let found = Self.all.first(where: { $0.name == name }) else { return nil }
    self = found
  }
}

/// What belongs to `algorithm: hash`.
public struct HashSettings: Sendable, Equatable {
  public enum Method: String, Sendable, CaseIterable {
    case ring, maglev, rendezvous
  }

  /// The parts of a request that are hashed together; never empty.
  public var keys: [RequestKeySettings]
  public var method: Method
  /// The most that a server may have under way, against its fair share: 1.25 for `125%`, at least
  /// 1; nil is no bound.
  public var boundedLoad: Double?

  public init(
    keys: [RequestKeySettings] = [.clientIP], method: Method = .maglev, boundedLoad: Double? = nil
  ) {
    self.keys = keys
    self.method = method
    self.boundedLoad = boundedLoad
  }
}

/// A part of a request: `client-ip`, `header:NAME`, `time:60s` …
public enum RequestKeySettings: Sendable, Equatable {
  case clientIP
  case clientPort
  case host
  /// The path with its query.
  case uri
  case path
  /// Its name in lower case.
  case header(String)
  case cookie(String)
  case query(String)
  /// The same for all requests within one such span of the clock.
  case time(TimeSpan)
}
