import Failover
import Primitives
import Topology

/// A service with one active server: carries out what its machine decides, as the control plane does.
extension Simulator {
  func beginStandby() {
    guard let policy = scenario.service.standby, let first = servers.first else { return }
    var record = StandbyRecord()
    record.active = first.model.name
    record.address = address(0)
    served = first.model.name
    standby = PrimaryStandbyMachine(policy: policy, recalled: record, isAdopting: true, now: now)
  }

  /// Before every topology, so that none has a second active server.
  func followStandby() {
    guard standby != nil else { return }
    handleStandby(.servers(standbyServers))
  }

  func standbyTicked() {
    guard plannedTick == now else { return }
    plannedTick = nil
    handleStandby(.tick)
    publish()
  }

  func promotionEnded(_ epoch: UInt64) {
    let succeeded = chance.fraction() >= scenario.promotion.failures
    handleStandby(
      .promotionEnded(
        epoch: epoch, succeeded: succeeded, detail: succeeded ? "ok" : "exit status 1"))
    publish()
  }

  private func handleStandby(_ event: PrimaryStandbyMachine.Event) {
    for action in standby?.handle(event, now: now) ?? [] {
      switch action {
      case .deactivate: served = nil
      case .promote(let promotion):
        watch?.promoted(self)
        heap.schedule(
          .promotionEnded(epoch: promotion.epoch), at: now + scenario.promotion.time)
      case .activate(let promotion, _, _):
        served = promotion.server
        recorder.promotions += 1
      case .tellFailure: break
      }
    }
    guard let next = standby?.nextDeadline, plannedTick.map({ next < $0 }) ?? true else { return }
    plannedTick = max(next, now)
    heap.schedule(.standbyTick, at: max(next, now))
  }

  private var standbyServers: [StandbyServer] {
    servers.indices.filter { servers[$0].isPresent }.map { server in
      let health: StandbyServer.Health =
        switch servers[server].health {
        case .unknown: .unknown
        case .healthy: .healthy
        case .unhealthy: .unhealthy
        }
      return StandbyServer(
        name: servers[server].model.name, address: address(server), health: health,
        isReady: servers[server].availability == .ready && servers[server].model.weight > 0)
    }
  }

  private func address(_ server: Int) -> String { "server \(server)" }

  /// Whether it is to stand by while another works.
  func isStandby(_ server: Int) -> Bool {
    standby != nil && servers[server].model.name != served
  }
}
