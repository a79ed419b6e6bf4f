/// What came of one look, with its reason.
public struct ScalingDecision: Sendable, Equatable {
  public enum Direction: String, Sendable, CaseIterable { case up, down, none }

  /// Bounded, for the metrics; `ScalingDecision.sentence` says more.
  public enum Reason: String, Sendable, CaseIterable {
    case cpu, memory, inflight
    case requestsPerSecond = "requests-per-second"
    case p95, schedule, minimum, maximum
    /// Nobody asked for long enough · somebody asks.
    case idle, request
    case order
    /// Nothing is to be changed.
    case steady
    /// The window, or the pace, of the direction holds it back.
    case window, pace
    case missingData = "missing-data"
  }

  public var from: Int
  public var to: Int
  /// What the signals asked for, before the bounds.
  public var wanted: Int
  public var reason: Reason
  public var votes: [ScalingVote] = []
  /// The signal that asked for the most.
  public var leading: ScalingVote?
  /// More are wanted than there may be.
  public var isSaturated = false
  var maximum = 0

  public init(from: Int, to: Int, wanted: Int, reason: Reason) {
    self.from = from
    self.to = to
    self.wanted = wanted
    self.reason = reason
  }

  public var direction: Direction { to > from ? .up : to < from ? .down : .none }
}

extension ScalingDecision.Reason {
  init(_ signal: ScalingSignal) {
    self =
      switch signal {
      case .cpu: .cpu
      case .memory: .memory
      case .inflight: .inflight
      case .requestsPerSecond: .requestsPerSecond
      case .p95: .p95
      }
  }
}
