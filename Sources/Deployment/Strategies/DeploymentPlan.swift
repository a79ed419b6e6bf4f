public import Primitives

/// How one revision takes the place of another.
public struct DeploymentPlan: Codable, Sendable, Equatable {
  public enum Strategy: String, Codable, Sendable, CaseIterable {
    /// A few at a time.
    case rolling
    /// All new ones beside all old ones, then all requests at once.
    case blueGreen = "blue-green"
    /// A share of the requests first, then more.
    case canary
  }

  /// So many replicas, or such a share of those wanted.
  public enum Allowance: Codable, Sendable, Equatable {
    case count(Int)
    /// 0 … 1.
    case share(Double)

    /// - Parameter up: what a share of a replica is rounded to.
    func replicas(of count: Int, roundingUp up: Bool) -> Int {
      switch self {
      case .count(let number): min(max(number, 0), ReplicaPolicy.mostReplicas)
      case .share(let share):
        Int((Double(count) * min(max(share, 0), 1)).rounded(up ? .up : .down))
      }
    }
  }

  public var strategy = Strategy.rolling
  /// Rolling: more than wanted that may run meanwhile, and fewer that may be ready. Both none: one
  /// more.
  public var maxSurge = Allowance.count(1)
  public var maxUnavailable = Allowance.count(0)
  /// A new replica counts once it has been ready for so long without a break.
  public var healthyFor = TimeSpan.seconds(5)
  /// The longest time without coming forward.
  public var deadline = TimeSpan.minutes(5)
  /// How long a replica that is taken out may finish its requests.
  public var drain = TimeSpan.seconds(30)
  /// A deployment that fails goes back by itself; else it stops where it is, and somebody decides.
  public var rollsBack = true
  /// Canary: rising shares of the requests, 0 … 1, the last one 1.
  public var steps = [0.05, 0.25, 0.5, 1]
  public var stepTime = TimeSpan.minutes(1)
  /// Canary: goes to the next step by itself; else each waits for `promote`.
  public var promotes = true
  /// Blue-green: how long the old ones stay after the switch.
  public var keepOld = TimeSpan.minutes(1)
  /// Canary: requests that the new one gets whatever the step's share is.
  public var match: RequestRule?
  public var gate = GatePolicy()

  public init() {}

  /// A restart: the same program, one after the other.
  public static func restart(drain: TimeSpan) -> DeploymentPlan {
    var plan = DeploymentPlan()
    plan.drain = drain
    plan.healthyFor = .zero
    plan.gate = .none
    return plan
  }

  /// To a revision that is known: without steps to look at it.
  public var back: DeploymentPlan {
    var plan = self
    if strategy == .canary { plan.strategy = .rolling }
    plan.keepOld = .zero
    plan.gate = .none
    return plan
  }

  func surge(of count: Int) -> Int {
    let surge = maxSurge.replicas(of: count, roundingUp: true)
    return surge == 0 && unavailable(of: count) == 0 ? 1 : surge
  }

  /// Replicas of so many that may be missing on the way.
  public func unavailable(of count: Int) -> Int {
    min(count, maxUnavailable.replicas(of: count, roundingUp: false))
  }

  /// New replicas for a step: as large a share of those wanted as of the requests.
  func replicas(at step: Int, of count: Int) -> Int {
    min(count, max(1, Int((Double(count) * share(at: step)).rounded(.up))))
  }

  func share(at step: Int) -> Double {
    guard strategy == .canary, steps.indices.contains(step) else { return 1 }
    return min(max(steps[step], 0), 1)
  }

  func isLast(_ step: Int) -> Bool { strategy != .canary || step >= steps.count - 1 }
}
