public import Primitives

/// The autoscaler of a service.
public struct ScaleStatus: Codable, Sendable, Equatable {
  /// What a signal showed at the last look.
  public struct Signal: Codable, Sendable, Equatable {
    /// As in the configuration.
    public var signal: String
    /// Shares as 0 … 1, `p95` in seconds, all but that of one replica.
    public var target: Double
    /// Nil when it was not measured.
    public var measured: Double?
    /// The replicas that it asks for; nil when it has no opinion.
    public var wanted: Int?

    public init(signal: String, target: Double, measured: Double?, wanted: Int?) {
      self.signal = signal
      self.target = target
      self.measured = measured
      self.wanted = wanted
    }
  }

  public struct Decision: Codable, Sendable, Equatable {
    public var at: WallTime
    /// Of the last look with the same outcome, and how many there were.
    public var until: WallTime
    public var times: Int
    public var from: Int
    public var to: Int
    /// `up`, `down` or `none`.
    public var direction: String
    public var reason: String
    public var message: String

    public init(
      at: WallTime, until: WallTime, times: Int, from: Int, to: Int, direction: String,
      reason: String, message: String
    ) {
      self.at = at
      self.until = until
      self.times = times
      self.from = from
      self.to = to
      self.direction = direction
      self.reason = reason
      self.message = message
    }
  }

  public var min: Int
  public var max: Int
  public var desired: Int
  /// More are wanted than there may be.
  public var saturated: Bool
  /// An operator's order that still holds.
  public var ordered: Int?
  public var orderedUntil: WallTime?
  public var signals: [Signal]
  /// Oldest first, at most 50.
  public var decisions: [Decision]

  public init(
    min: Int, max: Int, desired: Int, saturated: Bool, ordered: Int? = nil,
    orderedUntil: WallTime? = nil, signals: [Signal], decisions: [Decision]
  ) {
    self.min = min
    self.max = max
    self.desired = desired
    self.saturated = saturated
    self.ordered = ordered
    self.orderedUntil = orderedUntil
    self.signals = signals
    self.decisions = decisions
  }
}
