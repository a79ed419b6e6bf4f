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

  /// Nothing runs and nothing will: the machine of a service that is gone can go as well.
  public var isEmpty: Bool { count == 0 && slots.isEmpty }

  private func state(of slot: ReplicaSlot) -> ReplicaState {
    switch slot.phase {
    case .waiting:
      if slot.unstableExits >= policy.crashLoopExits { return .crashLoop }
      return slot.failures > 0 ? .backoff : .starting
    case .starting: return .starting
    case .ready: return .ready
    case .unready: return .unready
    case .draining, .stopping: return .stopping
    }
  }
}
