public import Primitives

/// What a listener lets clients do, and for how long. Zero means no limit, but for the spans of time.
public struct ListenerPolicy: Sendable, Equatable {
  /// Proxies whose word about their clients counts.
  public var trustedProxies = AddressSet.empty
  /// Open connections, of all workers together · of one address.
  public var connections = 0
  public var connectionsPerAddress = 0
  /// Of a head, and of the request's body.
  public var headBytes = 65_536
  public var headFields = 128
  public var bodyBytes: Int64 = 0
  /// For a head to be whole · between two requests.
  public var headTime = TimeSpan.seconds(10)
  public var idleTime = TimeSpan.seconds(75)
  /// Bytes a second that a client has to send of a body and to take of an answer, once `grace` is
  /// over.
  public var leastBodyRate = 100
  public var leastAnswerRate = 100
  public var grace = TimeSpan.seconds(10)
  /// Whether HTTP/2 by prior knowledge is taken in clear text.
  public var takesHTTP2 = false
  public var rateLimits: [RateLimit] = []
  /// The line of Strict-Transport-Security with its end (RFC 6797), for each answer in place of the
  /// servers' own; empty for none.
  public var strictTransport: [UInt8] = []

  public init() {}
}

/// At most so many requests, by what they are told apart by.
public struct RateLimit: Sendable, Hashable {
  public enum Key: Sendable, Hashable {
    /// All requests together.
    case all
    case clientIP
    case header([UInt8])
    case cookie([UInt8])
  }

  public var key: Key
  /// Requests in `span`.
  public var count: Int
  public var span: TimeSpan
  /// Requests that may come at once.
  public var burst: Int

  public init(key: Key, count: Int, per span: TimeSpan, burst: Int) {
    self.key = key
    self.count = count
    self.span = span
    self.burst = burst
  }
}
