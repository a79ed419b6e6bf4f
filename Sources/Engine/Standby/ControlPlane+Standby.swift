import Audit
import Configuration
import EventLoop
import Failover
import Faults
import Primitives
import Supervision
import Topology

/// Carries out what the machines of services with one active server decide. Nothing here speaks of
/// HTTP: who is active is a matter of the topology, whatever its listeners speak.
extension ControlPlane {
  /// Takes over what was saved, before the first topology.
  /// - Parameter adopting: the engine alone was replaced, and who was active still is.
  func recallStandbys(adopting: Bool) {
    standbyRecords = recalled.standby
    for service in input.settings.services {
      guard let settings = service.standby else { continue }
      addStandby(service.name, settings, isAdopting: adopting)
    }
  }

  private func addStandby(_ service: String, _ settings: StandbySettings, isAdopting: Bool) {
    latestStandby += 1
    standbys[service] = StandbyGroup(
      settings, number: latestStandby, recalled: standbyRecords[service] ?? StandbyRecord(),
      isAdopting: isAdopting)
  }

  /// Tells the machines how their servers stand, and the next topology who is active. Comes before
  /// every topology, so that none has a second active server.
  func followStandbys() {
    var present: Set<String> = []
    for service in input.settings.services {
      guard let settings = service.standby else { continue }
      present.insert(service.name)
      if standbys[service.name] == nil {
        addStandby(service.name, settings, isAdopting: false)
      }
      if standbys[service.name]?.settings != settings {
        standbys[service.name]?.settings = settings
        handleStandby(service.name, .policyChanged(settings.policy))
      }
      // A Ballast that stops hands nothing over any more.
      if drain == nil { handleStandby(service.name, .servers(standbyServers(of: service))) }
      let served = standbys[service.name]?.served
      for server in input.servers(of: service) {
        let name = ServerName(service: service.name, server: server.name)
        input.conditions[name, default: ServerCondition()].isStandby = server.name != served
      }
    }
    for name in standbys.keys where !present.contains(name) {
      standbys[name]?.tell(
        .failure(PromotionFailure(message: "\(name) is no service with one active server any more"))
      )
      standbys[name] = nil
    }
  }

  private func standbyServers(of service: ServiceSettings) -> [StandbyServer] {
    input.servers(of: service).map { server in
      let condition = input.condition(of: ServerName(service: service.name, server: server.name))
      let hasWeight = (condition.weight ?? server.weight) > 0 && condition.agentWeight ?? 100 > 0
      return StandbyServer(
        name: server.name, address: "\(server.address)",
        health: service.health.isWatched ? .init(condition.health) : .healthy,
        isReady: condition.effectiveAvailability == .ready && hasWeight)
    }
  }

  func handleStandby(_ service: String, _ event: PrimaryStandbyMachine.Event) {
    standbys[service]?.handle(event)
    armStandbys()
    guard let group = standbys[service], !group.isBusy, group.hasActions else { return }
    standbys[service]?.isBusy = true
    Task { await self.workOff(service, group.number) }
  }

  private func armStandbys() {
    if let standbyTimer { reactor.cancel(standbyTimer) }
    standbyTimer = nil
    guard let next = standbys.values.compactMap(\.machine.nextDeadline).min() else { return }
    standbyTimer = reactor.schedule(at: next) {
      self.standbyTimer = nil
      guard self.drain == nil, !self.isRetired else { return }
      for service in self.standbys.keys.sorted() { self.handleStandby(service, .tick) }
    }
  }

  // MARK: Actions

  /// One after the other, each to its end.
  private func workOff(_ service: String, _ number: UInt64) async {
    while standbys[service]?.number == number, let action = standbys[service]?.nextAction() {
      switch action {
      case .deactivate(let server, let reason): await deactivate(service, server, reason)
      case .promote(let promotion): await promote(service, number, promotion)
      case .tellFailure(let promotion, let detail, let retryIn):
        tellFailure(service, promotion, detail, retryIn)
      case .activate(let promotion, let vacantFor, let detail):
        await activate(service, promotion, vacantFor, detail)
      }
    }
    guard standbys[service]?.number == number else { return }
    standbys[service]?.isBusy = false
    changed()
  }

  private func deactivate(_ service: String, _ server: String, _ reason: StandbyReason) async {
    let name = ServerName(service: service, server: server)
    // One that an operator took out of the file is gone, and no fault.
    let isFault = reason == .failed(server) || recorder.ledger.isOpen(name)
    decided("server.deactivate", "\(name)", because: "\(reason)")
    if reason.isFault, isFault {
      recorder.handle(.failoverBegan(name, cause: "\(reason)"))
    } else {
      recorder.note(
        "server-deactivated", service: service, server: server,
        "\(name) takes no more requests: \(reason)")
    }
    publish()
    // The answers come after the topology: from here on no worker sends it a new request.
    _ = await dataPlane.reports()
    // A promotion that follows saves more than this.
    if standbys[service]?.hasActions == false { await saveStandby(service) }
  }

  private func promote(
    _ service: String, _ number: UInt64, _ promotion: StandbyPromotion
  ) async {
    let name = ServerName(service: service, server: promotion.server)
    recorder.handle(.promotionBegan(name, epoch: promotion.epoch))
    changed()
    await saveStandby(service)
    guard let group = standbys[service], group.number == number else { return }
    var (succeeded, detail) = (true, "")
    if let command = group.settings.promote {
      let outcome = await runHook(
        command, variables(service, promotion), within: group.settings.timeout)
      succeeded = outcome.succeeded
      detail = succeeded ? outcome.lastLine ?? "" : outcome.summary
    }
    guard standbys[service]?.number == number else { return }
    standbys[service]?.handle(
      .promotionEnded(epoch: promotion.epoch, succeeded: succeeded, detail: detail))
    armStandbys()
  }

  /// What a hook is told.
  func variables(
    _ service: String, _ promotion: StandbyPromotion
  ) -> [CommandRunner.Variable] {
    let settings = input.settings.services.first { $0.name == service }
    let address = settings.flatMap { settings in
      input.servers(of: settings).first { $0.name == promotion.server }?.address
    }
    return [
      ("SERVER", promotion.server), ("ADDRESS", address.map { "\($0)" } ?? ""),
      ("FROM", promotion.from ?? ""), ("SERVICE", service), ("EPOCH", "\(promotion.epoch)"),
    ]
  }

  private func tellFailure(
    _ service: String, _ promotion: StandbyPromotion, _ detail: String, _ retryIn: TimeSpan?
  ) {
    recorder.handle(
      .promotionFailed(
        ServerName(service: service, server: promotion.server), epoch: promotion.epoch,
        detail: detail, retryIn: retryIn))
    decided(
      "server.activate", "\(service)/\(promotion.server)", result: .failed,
      because: "the promotion failed: \(detail)")
    standbys[service]?.tell(
      .failure(PromotionFailure(message: "\(promotion.server) could not be promoted: \(detail)")),
      of: promotion.server)
  }

  /// Saved first: a crash in between would make two engines think of two servers.
  private func activate(
    _ service: String, _ promotion: StandbyPromotion, _ vacantFor: TimeSpan, _ detail: String
  ) async {
    await saveStandby(service)
    standbys[service]?.serve(promotion.server)
    recorder.handle(
      .serverActivated(
        ServerName(service: service, server: promotion.server), epoch: promotion.epoch,
        vacantFor: vacantFor, detail: detail))
    decided(
      "server.activate", "\(service)/\(promotion.server)",
      before: promotion.from.map { ["active": .text($0)] },
      after: ["active": .text(promotion.server), "epoch": .number(Int(clamping: promotion.epoch))],
      because: "\(promotion.reason)")
    publish()
    standbys[service]?.tell(.success(detail), of: promotion.server)
  }

  /// A store that fails keeps nobody from being active: the engine that follows a crash then promotes
  /// anew.
  private func saveStandby(_ service: String) async {
    standbyRecords[service] = standbys[service]?.machine.record
    let text = RecalledState.encode(standbyRecords)
    recorder.writer.write(.value(text, key: RecalledState.standbyKey))
    await recorder.writer.flush()
  }

  // MARK: Looking

  /// `active`, `promoting` or `standby`; nil where all servers work.
  func role(of name: ServerName) -> String? {
    guard let group = standbys[name.service] else { return nil }
    if group.served == name.server { return "active" }
    return group.machine.candidate == name.server ? "promoting" : "standby"
  }
}

extension StandbyServer.Health {
  init(_ health: Server.Health) {
    switch health {
    case .unknown: self = .unknown
    case .healthy: self = .healthy
    case .unhealthy: self = .unhealthy
    }
  }
}
