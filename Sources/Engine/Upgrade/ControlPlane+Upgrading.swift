import AdminAPI
import EventLoop
import Faults
import Primitives
import Supervision

/// What operators hear of an upgrade, and order.
extension ControlPlane {
  /// How long the keeper may take to begin.
  static let upgradeAnswerTime = TimeSpan.seconds(5)

  func upgradeGoes(_ progress: UpgradeProgress) {
    let isNew = upgrade?.number != progress.number || upgrade?.state != progress.state
    upgrade = progress
    let asked = askedUpgrades
    askedUpgrades = []
    for continuation in asked { continuation.resume(returning: true) }
    guard isNew else { return }
    switch progress.state {
    case .starting:
      recorder.note(
        "upgrade-began", "engine \(progress.pid ?? 0) begins, to take over from this one")
      if loaded.isUnsaved {
        recorder.note(
          "config-unsaved-lost", .warning,
          "the new engine takes the file; changes that were not saved stay behind")
      }
      holdReloads(for: progress.number)
    case .handingOver, .done: break
    case .failed:
      releaseReloads()
      let last = progress.lines.last.map { "; its last words: \($0)" } ?? ""
      recorder.note(
        "upgrade-failed", .error, "\(progress.reason ?? "the new engine failed")\(last)")
    }
  }

  /// `POST /v1/upgrade`.
  func orderUpgrade() async -> AdminAnswer {
    guard drain == nil, isServing, !isRetired else {
      return .error(409, "conflict", "this engine does not serve, or stops")
    }
    if let upgrade, upgrade.ended == nil {
      return .error(409, "conflict", "an upgrade is under way: engine \(upgrade.pid ?? 0) begins")
    }
    let isAnswered = await withCheckedContinuation { continuation in
      askedUpgrades.append(continuation)
      tell(.upgrade)
      reactor.schedule(after: Self.upgradeAnswerTime) {
        let asked = self.askedUpgrades
        self.askedUpgrades = []
        for continuation in asked { continuation.resume(returning: false) }
      }
    }
    guard isAnswered else { return .error(503, "unavailable", "the keeper began no upgrade") }
    return .json(upgradeStatus, status: 202)
  }

  /// `GET /v1/upgrade`.
  var upgradeStatus: UpgradeStatus {
    var status = UpgradeStatus(draining: drainingStatuses)
    guard let upgrade else { return status }
    status.state = UpgradeStatus.State(rawValue: upgrade.state.rawValue) ?? .none
    status.number = upgrade.number
    status.began = upgrade.began
    status.ended = upgrade.ended
    status.formerVersion = upgrade.formerVersion
    status.formerPid = Int(upgrade.formerPid)
    status.version = upgrade.version
    status.pid = upgrade.pid.map { Int($0) }
    status.reason = upgrade.reason
    status.lines = upgrade.lines.isEmpty ? nil : upgrade.lines
    return status
  }

  var drainingStatuses: [DrainingStatus] {
    drainingEngines.map {
      DrainingStatus(
        pid: Int($0.pid), version: $0.version, since: $0.since, until: $0.until,
        connections: $0.connections)
    }
  }

  /// What a former engine knew of clients in tables.
  func adopt(sessions bytes: [UInt8]) {
    guard let handed = HandedSessions(bytes: bytes) else {
      return log.warning("the sessions of the engine before this one are not understood")
    }
    let entries = handed.entries(
      service: { identities.knownService($0) },
      server: { identities.knownServer(.init(service: $0, server: $1)) })
    if !entries.isEmpty { dataPlane.adopt(entries) }
  }

  /// The same, as it comes while this one serves already.
  func adopt(sessionsIn descriptors: [Int32]) {
    defer { Descriptor.close(descriptors) }
    guard let file = descriptors.first else { return }
    do throws(LinkError) {
      adopt(sessions: try link.contents(of: file, upTo: LinkLimits.sessions))
    } catch {
      log.warning("the sessions of the engine before this one cannot be read: \(error)")
    }
  }
}
