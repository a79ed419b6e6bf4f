public import Primitives
public import Scaling

/// `scale: { … }`: Ballast chooses the number of replicas itself, by the load.
public struct ScaleSettings: Sendable, Equatable {
  public enum TimeZone: String, Sendable, CaseIterable {
    case local, utc
  }

  public var policy: ScalingPolicy
  /// What the times of its schedule mean.
  public var timeZone = TimeZone.local
  /// How long a request waits for the first replica.
  public var coldStart = TimeSpan.seconds(30)

  public init(_ policy: ScalingPolicy) { self.policy = policy }
}

extension ServiceSettings {
  /// With how many replicas it begins: an autoscaler's bounds hold from the start.
  public var startingReplicas: Int {
    let written = run?.replicas ?? 0
    guard let policy = scale?.policy else { return written }
    return min(max(written, policy.minimum), policy.maximum)
  }
}
