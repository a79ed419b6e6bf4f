import Primitives

/// How it looks from outside.
extension ReplicaSetMachine {
  public var replicas: [DeployedReplica] {
    slots.map { slot in
      DeployedReplica(
        name: slot.name, state: state(of: slot), pid: slot.pid, port: slot.port,
        restarts: slot.restarts, startedAt: slot.isWaiting ? nil : slot.startedAt,
        lastExit: slot.lastExit, template: slot.template)
    }
  }

  /// With a process, whatever it does.
  public var running: Int { slots.count { !$0.isWaiting } }

  public var ready: Int { slots.count(where: \.isReady) }

  /// Those of a revision that have been ready for so long.
  func available(_ revision: String, for span: TimeSpan, now: Instant) -> Int {
    slots.count { slot in
      if case .ready(let since) = slot.phase, slot.template == revision {
        now - since >= span
      } else {
        false
      }
    }
  }

  func ready(_ revision: String) -> Int {
    slots.count { $0.template == revision && $0.isReady }
  }

  /// Those that ran before this engine did, of which no check has told yet.
  func unseen(_ revision: String) -> Int {
    slots.count { $0.template == revision && $0.isStarting && $0.isUnseen }
  }

  /// Those that are meant to stay, with a process or not.
  func members(_ revision: String) -> [ReplicaSlot] {
    slots.filter { $0.template == revision && !$0.isLeaving }
  }

  private func state(of slot: ReplicaSlot) -> ReplicaState {
    switch slot.phase {
    case .waiting:
      if slot.unstableExits >= policy.crashLoopExits { return .crashLoop }
      return slot.failures > 0 ? .backoff : .starting
    case .starting: return .starting
    case .ready: return .ready
    case .unready: return .unready
    case .draining, .stopping, .killed: return .stopping
    }
  }
}
