import Balancing
import Configuration
import EventLoop
import Faults
import Primitives
import Store
import Supervision
import Topology

/// The engine in charge gives its place to another: first what only one may have, then new
/// connections, then itself.
extension ControlPlane {
  /// How long what must not be broken off may hold the hand-over up.
  static let retirePatience = TimeSpan.seconds(10)
  static let holdingBeat = TimeSpan.seconds(1)

  /// Until the end of the upgrade no reload begins here: the successor has read the file already.
  func holdReloads(for number: Int) {
    guard heldFor != number else { return }
    releaseReloads()
    heldFor = number
    Task {
      await takeTurn()
      // The upgrade may have ended meanwhile.
      if heldFor == number { hasReloadTurn = true } else { endTurn() }
    }
  }

  func releaseReloads() {
    heldFor = nil
    guard hasReloadTurn else { return }
    hasReloadTurn = false
    endTurn()
  }

  /// A successor is prepared.
  func retire() async {
    if let reason = await reasonToStay() { return tell(.retireRefused(reason: reason)) }
    isRetired = true
    containers.retire()
    health.stop()
    for timer in [replicaTimer, standbyTimer].compactMap(\.self) { reactor.cancel(timer) }
    admin.retire()
    await handSessions()
    // From here on the log alone hears of what happens; whoever is answered as done is on the disk.
    recorder.detach()
    eventSinks.stop()
    await recorder.writer.flush()
    await recorder.store.close()
    // Whoever waits for a reload is told that it goes elsewhere.
    releaseReloads()
    tell(.retired(drainMilliseconds: loaded.settings.upgrade.drain.milliseconds))
  }

  /// What must not be in two engines' hands is waited for.
  private func reasonToStay() async -> String? {
    let deadline = Clock.now + Self.retirePatience
    while true {
      if drain != nil { return "Ballast stops" }
      let reason: String
      if !hasReloadTurn {
        reason = "a reload is under way"
      } else if let service = standbys.first(where: { $0.value.isBusy })?.key {
        reason = "\(service) is being handed to another server"
      } else if let drill = drills.running {
        reason = "drill \(drill.number) is under way"
      } else {
        return nil
      }
      guard Clock.now < deadline else { return reason }
      await pause(.milliseconds(20))
    }
  }

  private func pause(_ span: TimeSpan) async {
    await withCheckedContinuation { continuation in
      reactor.schedule(after: span) { continuation.resume() }
    }
  }

  private func handSessions() async {
    let entries = await dataPlane.sessions()
    guard !entries.isEmpty else { return }
    let handed = HandedSessions(
      entries,
      service: { id in
        self.identities.services.indices.contains(id.index)
          ? self.identities.services[id.index] : nil
      },
      server: { number in
        self.identities.servers.indices.contains(number)
          ? self.identities.servers[number].server : nil
      })
    do throws(LinkError) {
      try link.hand(sessions: handed.bytes)
    } catch {
      log.warning("sessions in tables are not handed over: \(error)")
    }
  }

  /// Another engine serves.
  func handedOver() {
    guard isRetired, drain == nil else { return }
    let span = loaded.settings.upgrade.drain
    log.info("another engine serves; what this one holds may last \(span)")
    beginDrain(within: span, .keepingIdle)
    // What came to this engine after the first time that it told.
    Task { await handSessions() }
    tellHolding(last: nil)
  }

  /// Once a second, if it has changed.
  private func tellHolding(last: Int?) {
    Task {
      let open = await dataPlane.reports().reduce(0) { sum, report in
        report.listeners.reduce(sum) { $0 + $1.open }
      }
      if open != last { tell(.holding(connections: open)) }
      reactor.schedule(after: Self.holdingBeat) {
        if self.drain?.isFinished == false { self.tellHolding(last: open) }
      }
    }
  }
}
