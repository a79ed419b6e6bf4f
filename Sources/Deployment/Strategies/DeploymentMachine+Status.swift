public import Primitives

/// How it looks from outside.
extension DeploymentMachine {
  public var policy: ReplicaPolicy { replicaSet.policy }
  public var replicas: [DeployedReplica] { replicaSet.replicas }
  public var running: Int { replicaSet.running }
  public var ready: Int { replicaSet.ready }

  /// The revision that is wanted in the end.
  public var revision: String? { state.deployment?.to ?? state.current }

  public var isRolling: Bool { state.deployment != nil }

  /// All revisions that a replica may be started from.
  public var revisions: Set<String> {
    var all = Set(replicaSet.slots.map(\.template))
    for revision in [
      state.current, state.deployment?.to, state.deployment?.from, state.waiting?.revision,
    ] {
      if let revision { all.insert(revision) }
    }
    return all
  }

  /// The share of requests that the new revision's servers get; nil: as many as fall to them.
  public var shift: (revision: String, share: Double)? {
    guard let deployment = state.deployment, let share = deployment.share else { return nil }
    return (deployment.to, share)
  }

  /// New replicas that count, of those that are wanted in the end.
  public func progress(now: Instant) -> (available: Int, of: Int)? {
    guard let deployment = state.deployment else { return nil }
    let available = replicaSet.available(
      deployment.to, for: deployment.plan.healthyFor, now: now)
    return (min(available, count), count)
  }

  /// Nothing runs and nothing will: the machine of a service that is gone can go as well.
  public var isEmpty: Bool { count == 0 && replicaSet.slots.isEmpty }
}
