/// What the wanted number of replicas may follow.
public enum ScalingSignal: String, Sendable, CaseIterable {
  /// Shares of what a replica may use, 0 … 1.
  case cpu, memory
  /// Requests under way, and requests a second, both of one replica.
  case inflight
  case requestsPerSecond = "requests-per-second"
  /// The time, in seconds, within which 95 % of the requests are answered.
  case p95
}

/// What a replica should show of a signal, in the signal's unit.
public struct ScalingTarget: Sendable, Equatable {
  public var signal: ScalingSignal
  /// Over 0.
  public var value: Double

  public init(_ signal: ScalingSignal, _ value: Double) {
    self.signal = signal
    self.value = value
  }
}
