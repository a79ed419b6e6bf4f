public import Primitives

/// `scale: { … }`: Ballast chooses the number of replicas itself, by the load.
public struct ScaleSettings: Sendable, Equatable {
  /// `up` and `down`: how careful, and how fast.
  public struct Pace: Sendable, Equatable {
    /// Of what was recommended within this time, the most careful holds.
    public var window: TimeSpan
    /// Within `per`, at most by this share, 1 for `100%`, or by so many, whichever is more.
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

  /// One entry of `schedule`.
  public struct Times: Sendable, Equatable {
    /// Days on which it begins, Monday is 0.
    public var days: Set<Int>
    /// Minutes of the day; an `until` that isn't later than `at` is on the next day.
    public var at: Int
    public var until: Int
    public var minimum: Int

    public init(days: Set<Int>, at: Int, until: Int, minimum: Int) {
      self.days = days
      self.at = at
      self.until = until
      self.minimum = minimum
    }
  }

  public enum TimeZone: String, Sendable, CaseIterable {
    case local, utc
  }

  public var minimum = 1
  public var maximum: Int
  /// Shares of what a replica may use, 0 … 1; nil where the signal isn't looked at.
  public var cpu: Double?
  public var memory: Double?
  /// Of one replica.
  public var inflight: Double?
  public var requestsPerSecond: Double?
  public var p95: TimeSpan?
  public var schedule: [Times] = []
  public var timeZone = TimeZone.local
  public var interval = TimeSpan.seconds(15)
  public var tolerance = 0.1
  public var up = Pace(window: .zero, share: 1, replicas: 4, per: .seconds(15))
  public var down = Pace(window: .minutes(5), share: 1, replicas: 0, per: .seconds(15))
  /// With `min: 0`: without a request for so long, no replica runs.
  public var idle = TimeSpan.minutes(5)
  /// How long a request waits for the first replica.
  public var coldStart = TimeSpan.seconds(30)

  public init(maximum: Int) { self.maximum = maximum }

  public var hasSignal: Bool {
    cpu != nil || memory != nil || inflight != nil || requestsPerSecond != nil || p95 != nil
  }
}

extension ServiceSettings {
  /// With how many replicas it begins: an autoscaler's bounds hold from the start.
  public var startingReplicas: Int {
    let written = run?.replicas ?? 0
    guard let scale else { return written }
    return min(max(written, scale.minimum), scale.maximum)
  }
}
