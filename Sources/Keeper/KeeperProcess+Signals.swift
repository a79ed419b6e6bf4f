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
      case SIGHUP: reload()
      case SIGUSR2: orderUpgrade()
      default: break
      }
    }
    reapChildren()
  }

  mutating func reload() {
    // One engine only would hear of it, and the other one might stay.
    guard upgrade == nil else {
      isReloadOrdered = true
      return note("SIGHUP waits for the end of the upgrade")
    }
    if phase == .serving { notification.reloading() }
    tell(.reload)
    // They have the access log's file open as well.
    for one in retired { tell(one.number, .reload) }
  }

  private mutating func terminate(_ signal: String) {
    switch phase {
    case .starting, .serving:
      notification.stopping()
      note("\(signal): finishing what runs, at most \(Self.drainMilliseconds / 1_000) s")
      (isReloadOrdered, isUpgradeOrdered) = (false, false)
      let isTakingOver = upgrade?.stage == .takingOver
      dropUpgrade("Ballast is stopping")
      if isTakingOver { seat.number = nil }
      let draining = engines.filter { $0.value.killAt == nil || isRetired($0.key) }.keys
      guard !draining.isEmpty else { return stopReplicas(thenExit: 0) }
      phase = .draining(
        until: ProcessClock.now + .milliseconds(Self.drainMilliseconds) + Self.drainGrace, code: 0)
      for number in draining {
        if number == seat.number {
          tell(.drain(timeoutMilliseconds: Self.drainMilliseconds))
        } else {
          tell(number, .drain(timeoutMilliseconds: Self.drainMilliseconds))
        }
      }
      closeListeners()
    case .draining, .stopping:
      note("\(signal) again: stopping at once")
      phase = .stopping(code: 1)
      killEngines()
      killReplicas()
      abandonCommands()
    }
  }

  /// Does what is due.
  mutating func tick(now: Instant) {
    if let at = seat.restartAt, now >= at { startEngine() }
    if let upgrade, now >= upgrade.deadline {
      dropUpgrade("the new engine did not serve within \(upgradeLimit)")
    }
    for (number, engine) in engines {
      guard let at = engine.killAt, now >= at else { continue }
      engines[number]?.killAt = nil
      killEngine(number)
    }
    if case .draining(let until, _) = phase, now >= until {
      note("the engine did not finish in time")
      killEngines()
      stopReplicas(thenExit: 0)
    }
    for (name, replica) in replicas {
      if let at = replica.thawAt, now >= at { thaw(name) }
      guard let at = replica.killAt, now >= at else { continue }
      kill(name, now: now)
    }
    endLateCommands(now: now)
    leavings.removeAll { leaving in
      leaving.group.killMembers()
      return leaving.group.remove() || now >= leaving.until
    }
  }

  /// Until the next thing that is due; -1: nothing is.
  func timeoutMilliseconds(now: Instant) -> Int32 {
    var next = min(seat.restartAt ?? .distantFuture, upgrade?.deadline ?? .distantFuture)
    for engine in engines.values { next = min(next, engine.killAt ?? .distantFuture) }
    if case .draining(let until, _) = phase { next = min(next, until) }
    for replica in replicas.values {
      next = min(next, replica.killAt ?? .distantFuture, replica.thawAt ?? .distantFuture)
    }
    for command in commands { next = min(next, command.killAt ?? .distantFuture) }
    if !leavings.isEmpty { next = min(next, now + Leaving.pause) }
    guard next < .distantFuture else { return -1 }
    // Rounded up, so that it is due when the loop wakes.
    return Int32(clamping: max(0, (next - now).milliseconds + 1))
  }
}
