public import Primitives

/// An address, or a block of them, that is not served.
public struct BanStatus: Codable, Sendable, Equatable {
  public enum Source: String, Codable, Sendable {
    case configuration
    case `operator`
  }

  /// `203.0.113.7` or `203.0.113.0/24`.
  public var address: String
  public var source: Source
  /// Nil for one of the configuration.
  public var since: WallTime?
  /// Nil holds until it is lifted.
  public var until: WallTime?
  public var reason: String?

  public init(
    address: String, source: Source, since: WallTime? = nil, until: WallTime? = nil,
    reason: String? = nil
  ) {
    self.address = address
    self.source = source
    self.since = since
    self.until = until
    self.reason = reason
  }
}

public struct BanRequest: Codable, Sendable, Equatable {
  /// An IP address, or a block of them.
  public var address: String
  /// Seconds; nil holds until it is lifted.
  public var duration: Double?
  public var reason: String?

  public init(address: String, duration: Double? = nil, reason: String? = nil) {
    self.address = address
    self.duration = duration
    self.reason = reason
  }
}
