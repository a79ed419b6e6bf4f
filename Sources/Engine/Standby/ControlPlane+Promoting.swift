import AdminAPI
import Configuration
import Failover
import Faults
import Primitives

/// An operator's switch over by hand.
extension ControlPlane {
  /// Answers once the hook has ended.
  func promote(_ name: ServerName, _ request: AdminRequest) async -> AdminAnswer {
    guard serverStatus(name) != nil else { return .notFound("server \(name)") }
    guard let group = standbys[name.service] else {
      return .error(
        409, "conflict", "all servers of \(name.service) work: it has no `mode: primary-standby`")
    }
    guard let order = AdminJSON.decode(PromotionRequest.self, request.body) else {
      return .error(400, "invalid", #"the body must be like {} or {"dryRun":true}"#)
    }
    if let refusal = group.machine.refusal(ofPromoting: name.server) {
      return .error(409, "conflict", "\(name) cannot be promoted: \(refusal)")
    }
    guard drain == nil else { return .error(409, "conflict", "Ballast stops") }
    var status = plan(name, group)
    guard order.dryRun != true else { return .json(status) }
    recorder.note(
      "promotion-ordered", service: name.service, server: name.server,
      "an operator wants \(name) to be active")
    let result = await withCheckedContinuation { verdict in
      standbys[name.service]?.wait(for: name.server, verdict)
      handleStandby(name.service, .operatorPromotes(name.server))
    }
    switch result {
    case .success(let detail):
      status.dryRun = false
      status.detail = detail.isEmpty ? nil : detail
      return .json(status)
    case .failure(let failure): return .error(409, "promotion-failed", failure.message)
    }
  }

  private func plan(_ name: ServerName, _ group: StandbyGroup) -> PromotionStatus {
    let from = group.machine.active
    let former = from ?? group.machine.record.former
    let promotion = StandbyPromotion(
      server: name.server, epoch: group.machine.record.epoch &+ 1,
      from: former == name.server ? nil : former, reason: .ordered)
    let variables = variables(name.service, promotion)
    return PromotionStatus(
      service: name.service, server: name.server, from: from, epoch: promotion.epoch,
      command: group.settings.promote?.arguments.map {
        CommandRunner.replacing(variables, in: $0)
      }, timeout: group.settings.timeout.seconds, dryRun: true)
  }
}
