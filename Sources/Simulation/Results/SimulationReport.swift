public import Primitives

/// What came of a simulation. Times are since the scenario's beginning; latencies are those that
/// clients saw, and one that left counts with the time it waited. Quantiles are within 4 %.
public struct SimulationReport: Sendable, Equatable {
  public var scenario = ""
  public var algorithm = ""
  public var seed: UInt64 = 0
  public var duration = TimeSpan.zero
  public var requests = 0
  /// Answered under 500, in the client's time.
  public var succeeded = 0
  public var failed = 0
  public var latency = LatencyFigures()
  /// What clients got instead of an answer, most frequent first: `client-timeout`, `status-503`, or
  /// a reason of `X-Ballast-Reason`.
  public var errors: [ErrorCount] = []
  public var retries = 0
  public var hedges = 0
  /// Servers that became the active one.
  public var promotions = 0
  /// Tries for each request: 1 without retries and hedges.
  public var amplification = 1.0
  /// Jain's index over the requests of the servers that were there all the time, by weight.
  public var fairness = 1.0
  public var ejections = 0
  /// Ejections of servers that had no fault.
  public var falseEjections = 0
  /// Servers without a fault that were found unhealthy.
  public var falseAlarms = 0
  public var servers: [ServerFigures] = []
  public var faults: [FaultFigures] = []
  public var scaling: [RemapFigures] = []
  public var seconds: [SecondFigures] = []
  /// What the simulator handled, for its speed.
  public var events = 0

  public init() {}

  /// 0 … 1; 1 when there were no requests.
  public var success: Double { requests > 0 ? Double(succeeded) / Double(requests) : 1 }
}

public struct LatencyFigures: Sendable, Equatable {
  public var mean = TimeSpan.zero
  public var p50 = TimeSpan.zero
  public var p90 = TimeSpan.zero
  public var p99 = TimeSpan.zero
  public var p999 = TimeSpan.zero
  public var most = TimeSpan.zero

  public init() {}
}

public struct ErrorCount: Sendable, Equatable {
  public var kind: String
  public var count: Int
}

public struct ServerFigures: Sendable, Equatable {
  public var name: String
  public var weight: Int
  /// Requests that were sent to it, retries and hedges too.
  public var requests: Int
  /// Of all that were sent.
  public var share: Double
  /// Its share by weight is 1.
  public var ofFairShare: Double
  public var failures: Int
  public var ejections: Int
  public var mean: TimeSpan
  public var p99: TimeSpan
  /// The most that it had at a time, waiting or in work.
  public var mostInflight: Int
}

public struct FaultFigures: Sendable, Equatable {
  public var kind: String
  public var servers: [String]
  public var at: TimeSpan
  /// From its beginning until a worker left the server out, or the checks found it unhealthy; nil
  /// when nobody did.
  public var detected: TimeSpan?
  /// From its beginning to the last request that was sent there while it lasted; nil without one.
  public var lastRequest: TimeSpan?
  public var requests: Int
  public var failedTries: Int
  /// Requests that a client saw fail, whose last try was there.
  public var failedRequests: Int
}

public struct RemapFigures: Sendable, Equatable {
  public var at: TimeSpan
  /// Clients that had answers before and after it.
  public var clients: Int
  /// Of these, whose server became another.
  public var moved: Int
  /// Of these, whose server went away.
  public var hadToMove: Int
}

public struct SecondFigures: Sendable, Equatable {
  public var arrived: Int
  public var succeeded: Int
  public var failed: Int
  public var retries: Int
  public var p50: TimeSpan
  public var p99: TimeSpan
}
