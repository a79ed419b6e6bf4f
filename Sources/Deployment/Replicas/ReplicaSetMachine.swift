public import Primitives

/// Keeps `count` replicas of one service running from one template, in slots `SERVICE-1` … `-N`.
///
/// Duties of the caller:
/// 1. After a start of the engine: `adopted` with what runs already, then `configured`. Nothing is
///    started or stopped before `configured`.
/// 2. Do the actions in order, and answer each as its comment says.
/// 3. Send `tick` once `nextDeadline` is reached; ask for it anew after every event.
/// 4. Keep how to start a template as long as a replica shows it: one that ends in mid-rollout is
///    started again from the last template that worked.
///
/// A rollout (another template, or `restartRequested`) starts one extra replica in slot N + 1, waits
/// until it is ready, drains and stops an old one, starts its successor, waits again, and so on; the
/// extra one goes last. So N stay ready and at most N + 1 run.
///
/// Replicas that hang are replaced one at a time: when the successor does not get ready, the trouble
/// is elsewhere, and ending the others would not help.
public struct ReplicaSetMachine: Sendable {
  public enum Event: Sendable, Equatable {
    case adopted([AdoptedReplica])
    /// What is wanted: equal templates are equal programs.
    case configured(template: String, count: Int)
    case scaled(count: Int)
    /// Replace all, one by one.
    case restartRequested
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
  /// Replicas wanted.
  public internal(set) var count = 0
  /// The template wanted; nil before `configured`.
  public internal(set) var template: String?
  /// When `tick` is due; nil: only after another event.
  public internal(set) var nextDeadline: Instant?
  /// A rollout that waits for its new replica to get ready at last.
  public internal(set) var isPaused = false
  public internal(set) var isRolling = false

  /// Ordered by number.
  var slots: [ReplicaSlot] = []
  /// Counts restart requests.
  var generation = 0
  /// A replica of the wanted template was ready once.
  var isProven = false
  /// The last template before the wanted one that was proven.
  var lastGood: String?
  /// The last time that a rollout came forward.
  var progressAt = Instant.zero

  public init(service: String, policy: ReplicaPolicy = ReplicaPolicy()) {
    self.service = service
    self.policy = policy
  }

  public mutating func handle(_ event: Event, now: Instant) -> [ReplicaAction] {
    var actions: [ReplicaAction] = []
    switch event {
    case .adopted(let replicas): adopt(replicas, now: now, &actions)
    case .configured(let template, let count): configure(template, count, now: now)
    case .scaled(let count): self.count = min(max(count, 0), ReplicaPolicy.mostReplicas)
    case .restartRequested:
      generation += 1
      isPaused = false
      progressAt = now
    case .started(let name, let pid, let port):
      change(name) { slot in
        slot.pid = pid
        slot.port = port
        slot.startedAt = now
        if slot.isStarting { slot.phase = .starting(since: now) }
      }
    case .startFailed(let name, let message): failed(name, .startFailed(message), now, &actions)
    case .exited(let name, let how): failed(name, .exited(how), now, &actions)
    case .health(let name, let isHealthy): health(name, isHealthy, now: now, &actions)
    case .drained(let name):
      change(name) { slot in
        guard case .draining(_, let reason) = slot.phase else { return }
        slot.phase = .draining(until: now, reason)
      }
    case .tick: break
    }
    if template != nil { reconcile(now: now, &actions) }
    return actions
  }

  /// The slot of a name; names that are none of ours change nothing.
  mutating func change(_ name: String, _ body: (inout ReplicaSlot) -> Void) {
    guard let index = slots.firstIndex(where: { $0.name == name }) else { return }
    body(&slots[index])
  }

  private mutating func configure(_ wanted: String, _ count: Int, now: Instant) {
    self.count = min(max(count, 0), ReplicaPolicy.mostReplicas)
    guard wanted != template else { return }
    if isProven { lastGood = template }
    template = wanted
    isProven = false
    isPaused = false
    progressAt = now
    // What waits starts from the new template at once, without the old one's backoff.
    for index in slots.indices where slots[index].isWaiting {
      slots[index].template = nil
      slots[index].failures = 0
      slots[index].unstableExits = 0
      slots[index].phase = .waiting(until: now)
    }
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
      var slot = ReplicaSlot(number: number, name: replica.name, now: now)
      slot.phase = replica.isStopping ? .stopping(.outdated) : .starting(since: now)
      slot.template = replica.template
      slot.generation = generation
      slot.pid = replica.pid
      slot.port = replica.port
      slot.startedAt = replica.startedAt
      slots.append(slot)
    }
    slots.sort { $0.number < $1.number }
  }

  private mutating func health(
    _ name: String, _ isHealthy: Bool, now: Instant, _ actions: inout [ReplicaAction]
  ) {
    var becameReady = false
    let stable = policy.stable
    change(name) { slot in
      switch (slot.phase, isHealthy) {
      case (.starting, true) where slot.pid != nil, (.unready, true):
        slot.phase = .ready(since: now)
        slot.hungAt = nil
        becameReady = true
      case (.ready(let since), false):
        if now - since >= stable { slot.wasStable = true }
        slot.phase = .unready(since: now)
      default: break
      }
    }
    guard becameReady, let slot = slots.first(where: { $0.name == name }), !isOutdated(slot) else {
      return
    }
    isProven = true
    progressAt = now
    if isPaused {
      isPaused = false
      actions.append(.note(.rolloutResumed))
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
    case .draining(_, .surplus), .stopping(.surplus):
      slots.remove(at: index)
      return
    case .draining(_, .outdated), .stopping(.outdated):
      slots[index].clearProcess()
      slots[index].template = nil
      slots[index].phase = .waiting(until: now)
      progressAt = now
      return
    default: break
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
