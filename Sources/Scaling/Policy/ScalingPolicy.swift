public import Primitives

/// The bounds and times that an autoscaler goes by.
public struct ScalingPolicy: Sendable, Equatable {
  /// How fast one direction may go.
  public struct Pace: Sendable, Equatable {
    /// Of what was recommended within this time, the most careful holds: the most replicas on the way
    /// down, the fewest on the way up.
    public var window: TimeSpan
    /// Within `per`, at most by this share of the replicas, or by so many, whichever is more.
    public var share: Double
    public var replicas: Int
    public var per: TimeSpan

    public init(window: TimeSpan, share: Double, replicas: Int, per: TimeSpan) {
      self.window = window
      self.share = share
      self.replicas = replicas
      self.per = per
    }
  }

  /// 0 lets an idle service run without any replica.
  public var minimum: Int
  public var maximum: Int
  public var targets: [ScalingTarget]
  public var schedule: [ScheduledMinimum]
  public var up = Pace(window: .zero, share: 1, replicas: 4, per: .seconds(15))
  public var down = Pace(window: .minutes(5), share: 1, replicas: 0, per: .seconds(15))
  /// Between two looks.
  public var interval = TimeSpan.seconds(15)
  /// A signal within this share of its target asks for no change.
  public var tolerance = 0.1
  /// With a minimum of 0: without any request for so long, no replica is left.
  public var idle = TimeSpan.minutes(5)

  public init(
    minimum: Int, maximum: Int, targets: [ScalingTarget] = [], schedule: [ScheduledMinimum] = []
  ) {
    self.minimum = minimum
    self.maximum = maximum
    self.targets = targets
    self.schedule = schedule
  }

  /// What the schedule asks for; 0 outside of its times.
  func scheduled(at minuteOfWeek: Int) -> Int {
    schedule.filter { $0.holds(at: minuteOfWeek) }.map(\.minimum).max() ?? 0
  }
}
