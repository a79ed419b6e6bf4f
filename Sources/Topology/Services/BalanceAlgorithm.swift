public import Primitives

/// How a service's servers are chosen among; `Balancing/Algorithms` has one file for each.
public enum BalanceAlgorithm: Sendable, Equatable {
  case roundRobin
  case random
  case powerOfTwo
  case leastConnections
  case leastTime
  case aggregateLoad
  case first
  case hash(HashPolicy)
}

/// Requests with the same key go to the same server, as far as its health and the bound allow.
public struct HashPolicy: Sendable, Equatable {
  public enum Method: Sendable, Equatable {
    /// Karger et al., "Consistent Hashing and Random Trees", 1997.
    case ring
    /// Eisenbud et al., "Maglev: A Fast and Reliable Software Network Load Balancer", 2016.
    case maglev
    /// Thaler, Ravishankar, "A Name-Based Mapping Scheme for Rendezvous", 1996.
    case rendezvous
  }

  public var keys: [RequestKey]
  public var method: Method
  /// The most that a server may have under way, as a multiple (at least 1) of its fair share;
  /// nil is no bound. Mirrokni et al., "Consistent Hashing with Bounded Loads", 2018.
  public var boundedLoad: Double?

  public init(
    keys: [RequestKey] = [.clientIP], method: Method = .maglev, boundedLoad: Double? = nil
  ) {
    self.keys = keys
    self.method = method
    self.boundedLoad = boundedLoad
  }
}

/// A part of a request that may be hashed, alone or together with others.
public enum RequestKey: Sendable, Equatable {
  case clientIP
  case clientPort
  /// A field's name in lower case.
  case header([UInt8])
  case cookie([UInt8])
  /// The target's path with its query.
  case uri
  case path
  case host
  case query([UInt8])
  /// The same for all requests within one such span of the clock.
  case time(TimeSpan)
}
