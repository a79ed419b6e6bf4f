public import Primitives

/// Which requests are kept as traces.
public struct TraceRules: Sendable, Equatable {
  /// Of the traces that begin here, 0 to 1: decided at the beginning, and told to servers.
  public var share: Double
  /// What took as long is kept although it was not sampled; nil keeps none for that.
  public var slow: TimeSpan?
  /// The same of what failed.
  public var keepsFailed: Bool
  /// How many a second are kept for being slow or failed, at most.
  public var keptPerSecond: Int
  /// Whether everybody's traces are gone on with, and not only those of trusted proxies. What others say
  /// of sampling is no order.
  public var continuesAll: Bool

  public init(
    share: Double = 0.01, slow: TimeSpan? = .seconds(1), keepsFailed: Bool = true,
    keptPerSecond: Int = 100, continuesAll: Bool = false
  ) {
    self.share = share
    self.slow = slow
    self.keepsFailed = keepsFailed
    self.keptPerSecond = keptPerSecond
    self.continuesAll = continuesAll
  }

  /// - Parameters:
  ///   - isSampled: as was decided at its beginning.
  ///   - took: from its head to its answer's end; a tunnel's only until it stood.
  /// - Returns: why a request that ended is kept; nil when it is not.
  public func reason(isSampled: Bool, took: TimeSpan, isFailed: Bool) -> TraceReason? {
    if isSampled { return .sampled }
    if isFailed, keepsFailed { return .failed }
    if let slow, took >= slow { return .slow }
    return nil
  }
}

/// Why a request is kept as a trace.
public enum TraceReason: UInt8, Sendable, CaseIterable {
  case sampled, slow, failed

  public var name: StaticString {
    switch self {
    case .sampled: "sampled"
    case .slow: "slow"
    case .failed: "failed"
    }
  }
}
