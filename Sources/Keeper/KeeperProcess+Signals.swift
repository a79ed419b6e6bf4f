import CLinux
import Glibc
import Primitives
import Supervision

/// Signals and deadlines.
extension KeeperProcess {
  mutating func takeSignals() {
    // As many as the pipe brings; what does not fit wakes the loop again.
    guard let numbers = try? Descriptor.read(signals, limit: 256) else { return }
    for number in numbers {
      switch Int32(number) {
      case SIGTERM, SIGINT: terminate(ProcessSignal.name(of: Int32(number)))
      case SIGHUP:
        if phase == .serving { notification.reloading() }
        tell(.reload)
      case SIGUSR2: note("SIGUSR2 is not supported yet and was ignored")
      default: break
      }
    }
    reapChildren()
  }

  private mutating func terminate(_ signal: String) {
    switch phase {
    case .starting, .serving:
      notification.stopping()
      note("\(signal): finishing what runs, at most \(Self.drainMilliseconds / 1_000) s")
      guard engine.pid != nil else { return stopReplicas(thenExit: 0) }
      phase = .draining(
        until: ProcessClock.now + .milliseconds(Self.drainMilliseconds) + Self.drainGrace)
      tell(.drain(timeoutMilliseconds: Self.drainMilliseconds))
      closeListeners()
    case .draining, .stopping:
      note("\(signal) again: stopping at once")
      phase = .stopping(code: 1)
      killEngine()
      killReplicas()
      abandonCommands()
    }
  }

  /// Does what is due.
  mutating func tick(now: Instant) {
    if let at = engine.restartAt, now >= at { startEngine() }
    if let at = engine.killAt, now >= at {
      engine.killAt = nil
      killEngine()
    }
    if case .draining(let until) = phase, now >= until {
      note("the engine did not finish in time")
      killEngine()
      stopReplicas(thenExit: 0)
    }
    for (name, replica) in replicas {
      guard let at = replica.killAt, now >= at else { continue }
      replicas[name]?.killAt = nil
      _ = process_group_signal(replica.state.pid, SIGKILL)
    }
    endLateCommands(now: now)
    leavings.removeAll { leaving in
      leaving.group.killMembers()
      return leaving.group.remove() || now >= leaving.until
    }
  }

  /// Until the next thing that is due; -1: nothing is.
  func timeoutMilliseconds(now: Instant) -> Int32 {
    var next = min(engine.restartAt ?? .distantFuture, engine.killAt ?? .distantFuture)
    if case .draining(let until) = phase { next = min(next, until) }
    for replica in replicas.values { next = min(next, replica.killAt ?? .distantFuture) }
    for command in commands { next = min(next, command.killAt ?? .distantFuture) }
    if !leavings.isEmpty { next = min(next, now + Leaving.pause) }
    guard next < .distantFuture else { return -1 }
    // Rounded up, so that it is due when the loop wakes.
    return Int32(clamping: max(0, (next - now).milliseconds + 1))
  }
}
