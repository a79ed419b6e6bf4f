/// What came of a trial.
public struct ScalingTrialReport: Sendable {
  /// The end of an interval.
  public struct Point: Sendable {
    public let second: Double
    public let requestsPerSecond: Double
    /// Wanted from here on, and ready until here.
    public let replicas: Int
    public let ready: Int
    public let cpu: Double
    /// Seconds, of what was answered within the interval.
    public let p95: Double?
    /// The reason of a change; empty without one.
    public let why: String
  }

  public let points: [Point]
  public let p95Limit: Double

  private var steps: [Int] {
    zip(points, points.dropFirst()).map { $1.replicas - $0.replicas }.filter { $0 != 0 }
  }

  /// Changes of the number of replicas, and how often their direction turned.
  public var changes: Int { steps.count }
  public var reversals: Int { zip(steps, steps.dropFirst()).count { $0.signum() != $1.signum() } }

  /// The share of the intervals in which the p95 was held.
  public var held: Double {
    let known = points.compactMap(\.p95)
    return known.isEmpty ? 1 : Double(known.count { $0 <= p95Limit }) / Double(known.count)
  }

  /// The highest p95 of an interval, in seconds.
  public var worst: Double { points.compactMap(\.p95).max() ?? 0 }

  public var most: Int { points.map(\.replicas).max() ?? 0 }

  /// Replicas that were ready, over time.
  public var replicaHours: Double {
    points.reduce(0) { $0 + Double($1.ready) } * ScalingTrial.interval / 3_600
  }
}
