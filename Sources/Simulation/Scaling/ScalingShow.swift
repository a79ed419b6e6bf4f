import Primitives
public import Scaling

/// The service of the published runs: replicas of four places, 100 ms a request, 20 s to start.
public enum ScalingShow {
  /// Replicas for the load that a trace begins with.
  public static func start(_ shape: LoadTrace.Shape) -> Int { shape == .step ? 4 : 2 }

  public static let cpu = 0.45
  /// Seconds.
  public static let p95Limit = 0.5
  public static let (minimum, maximum) = (2, 20)

  public static var policy: ScalingPolicy {
    ScalingPolicy(
      minimum: minimum, maximum: maximum,
      targets: [.init(.cpu, cpu), .init(.inflight, 4), .init(.p95, p95Limit)])
  }
}
