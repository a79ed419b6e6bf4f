public import Primitives

/// A system that is told what happens.
public struct EventSinkStatus: Codable, Sendable, Equatable {
  public enum State: String, Codable, Sendable {
    /// Connected · not spoken to yet, or not now · it can't be reached, or takes nothing.
    case connected, idle, failing
  }

  public var name: String
  /// `nats` or `redis`.
  public var kind: String
  /// The one that is spoken to, or the first that would be.
  public var server: String
  public var state: State
  /// Messages that wait on disk for it, and their bytes.
  public var waiting: Int
  public var waitingBytes: Int64
  /// Messages that it acknowledged, and that it never got, since it is in the configuration.
  public var delivered: UInt64
  public var dropped: UInt64
  /// Tries that failed, since the engine began.
  public var retries: UInt64
  /// Why the last try failed; nil while it goes well.
  public var lastError: String?
  public var lastDelivered: WallTime?

  public init(
    name: String, kind: String, server: String, state: State, waiting: Int = 0,
    waitingBytes: Int64 = 0, delivered: UInt64 = 0, dropped: UInt64 = 0, retries: UInt64 = 0,
    lastError: String? = nil, lastDelivered: WallTime? = nil
  ) {
    self.name = name
    self.kind = kind
    self.server = server
    self.state = state
    self.waiting = waiting
    self.waitingBytes = waitingBytes
    self.delivered = delivered
    self.dropped = dropped
    self.retries = retries
    self.lastError = lastError
    self.lastDelivered = lastDelivered
  }
}
