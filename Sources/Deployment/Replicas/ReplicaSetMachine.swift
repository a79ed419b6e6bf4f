public import Primitives

/// Keeps so many replicas of each revision as its quotas say, in slots `SERVICE-1`, `SERVICE-2` and on.
/// When those should change is not its business: `DeploymentMachine` says the numbers.
///
/// Duties of the caller:
/// 1. After a start of the engine: `adopted` with what runs already, then `wanted`. Nothing is
///    started or stopped before `wanted`.
/// 2. Do the actions in order, and answer each as its comment says.
/// 3. Send `tick` once `nextDeadline` is reached; ask for it anew after every event.
///
/// Of a revision that has more than its quota go first those that wait, then those that start, that
/// are not ready, that are ready. Replicas that hang are replaced one at a time: when the successor does
/// not get ready, the trouble is elsewhere, and ending the others would not help.
public struct ReplicaSetMachine: Sendable {
  public enum Event: Sendable, Equatable {
    case adopted([AdoptedReplica])
    /// All that is wanted, the newest revision last; of others none.
    case wanted([ReplicaQuota])
    case started(name: String, pid: Int32, port: UInt16)
    case startFailed(name: String, message: String)
    /// `how` in words: `exited with code 3`.
    case exited(name: String, how: String)
    case health(name: String, isHealthy: Bool)
    /// The last request of a draining replica is done.
    case drained(name: String)
    case tick
  }

  public let service: String
  public let policy: ReplicaPolicy
  /// Nil before `wanted`.
  public internal(set) var quotas: [ReplicaQuota]?
  /// When `tick` is due; nil: only after another event.
  public internal(set) var nextDeadline: Instant?

  /// Ordered by number.
  var slots: [ReplicaSlot] = []
  /// How long a replica that is taken out may finish its requests.
  var drain: TimeSpan

  public init(service: String, policy: ReplicaPolicy = ReplicaPolicy()) {
    self.service = service
    self.policy = policy
    drain = policy.drain
  }

  public mutating func handle(_ event: Event, now: Instant) -> [ReplicaAction] {
    var actions: [ReplicaAction] = []
    switch event {
    case .adopted(let replicas): adopt(replicas, now: now, &actions)
    case .wanted(let quotas): self.quotas = quotas
    case .started(let name, let pid, let port):
      change(name) { slot in
        slot.pid = pid
        slot.port = port
        slot.startedAt = now
        if slot.isStarting { slot.phase = .starting(since: now) }
      }
    case .startFailed(let name, let message): failed(name, .startFailed(message), now, &actions)
    case .exited(let name, let how): failed(name, .exited(how), now, &actions)
    case .health(let name, let isHealthy): health(name, isHealthy, now: now)
    case .drained(let name):
      change(name) { slot in
        if case .draining = slot.phase { slot.phase = .draining(until: now) }
      }
    case .tick: break
    }
    if let quotas { reconcile(quotas, now: now, &actions) }
    return actions
  }

  /// The slot of a name; names that are none of ours change nothing.
  mutating func change(_ name: String, _ body: (inout ReplicaSlot) -> Void) {
    guard let index = slots.firstIndex(where: { $0.name == name }) else { return }
    body(&slots[index])
  }

  private mutating func adopt(
    _ replicas: [AdoptedReplica], now: Instant, _ actions: inout [ReplicaAction]
  ) {
    for replica in replicas {
      let number =
        replica.name.hasPrefix(service + "-")
        ? Int(replica.name.dropFirst(service.count + 1)) : nil
      guard let number, number > 0, name(number) == replica.name,
        !slots.contains(where: { $0.number == number })
      else {
        if !replica.isStopping { actions.append(.stop(name: replica.name)) }
        continue
      }
      var slot = ReplicaSlot(
        number: number, name: replica.name, template: replica.template, now: now)
      slot.phase = replica.isStopping ? .stopping : .starting(since: now)
      slot.isUnseen = !replica.isStopping
      slot.pid = replica.pid
      slot.port = replica.port
      slot.startedAt = replica.startedAt
      slots.append(slot)
    }
    slots.sort { $0.number < $1.number }
  }

  private mutating func health(_ name: String, _ isHealthy: Bool, now: Instant) {
    let stable = policy.stable
    change(name) { slot in
      slot.isUnseen = false
      switch (slot.phase, isHealthy) {
      case (.starting, true) where slot.pid != nil, (.unready, true):
        slot.phase = .ready(since: now)
        slot.hungAt = nil
      case (.ready(let since), false):
        if now - since >= stable { slot.wasStable = true }
        slot.phase = .unready(since: now)
      default: break
      }
    }
  }

  private enum Failure {
    case startFailed(String)
    case exited(String)
  }

  private mutating func failed(
    _ name: String, _ failure: Failure, _ now: Instant, _ actions: inout [ReplicaAction]
  ) {
    guard let index = slots.firstIndex(where: { $0.name == name }), !slots[index].isWaiting else {
      return
    }
    switch failure {
    case .startFailed(let message): slots[index].lastExit = message
    case .exited(let how): slots[index].lastExit = how
    }
    switch slots[index].phase {
    case .draining, .stopping:
      slots.remove(at: index)
      return
    case .waiting, .starting, .ready, .unready, .killed: break
    }
    let wait = slots[index].end(now: now, policy: policy)
    switch failure {
    case .startFailed(let message):
      actions.append(.note(.startFailed(name: name, message: message, retryIn: wait)))
    case .exited(let how):
      actions.append(.note(.exited(name: name, how: how, restartIn: wait)))
    }
    if slots[index].unstableExits == policy.crashLoopExits {
      actions.append(.note(.crashLoop(name: name, exits: policy.crashLoopExits)))
    }
  }
}

extension ReplicaSlot {
  /// Its process ended without being meant to; returns the wait before the next one.
  fileprivate mutating func end(now: Instant, policy: ReplicaPolicy) -> TimeSpan {
    if case .ready(let since) = phase, now - since >= policy.stable { wasStable = true }
    if let startedAt, now - startedAt >= policy.backoffReset { failures = 0 }
    failures += 1
    restarts += 1
    unstableExits = wasStable ? 0 : unstableExits + 1
    let isLooping = unstableExits >= policy.crashLoopExits
    let wait = isLooping ? policy.longestBackoff : policy.backoff(failures: failures)
    clearProcess()
    phase = .waiting(until: now + wait)
    return wait
  }
}
