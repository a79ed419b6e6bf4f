public import Primitives

/// Zero means no limit, but for the queue, where it means that nothing waits.
public struct Limits: Sendable, Equatable {
  public var connections: Int
  public var requests: Int
  public var queue: Int
  public var queueTimeout: TimeSpan
  /// Whether each server's limit follows its latency, below `requests` if that is set.
  public var isAdaptive: Bool

  public init(
    connections: Int = 0, requests: Int = 0, queue: Int = 1024,
    queueTimeout: TimeSpan = .seconds(5), isAdaptive: Bool = false
  ) {
    self.connections = connections
    self.requests = requests
    self.queue = queue
    self.queueTimeout = queueTimeout
    self.isAdaptive = isAdaptive
  }
}
