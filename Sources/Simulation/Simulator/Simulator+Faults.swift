import Primitives
import Topology

/// Faults and scaling: what the scenario does to the servers.
extension Simulator {
  func faultBegins(_ number: Int) {
    let fault = scenario.faults[number]
    let end = origin + fault.at + fault.length
    recorder.faultBegan(number, elapsed)
    for server in affected(fault) { servers[server].ailments.append(number) }
    heap.schedule(.faultEnds(Int32(truncatingIfNeeded: number)), at: end)
    if case .flap(let down, _) = fault.kind {
      recorder.isDown[number] = true
      planTurn(number, after: down)
    }
    affected(fault).forEach(diagnose)
  }

  func faultEnds(_ number: Int) {
    let fault = scenario.faults[number]
    for server in affected(fault) {
      servers[server].ailments.removeAll { $0 == number }
      servers[server].illUntil = elapsed
    }
    recorder.faultEnded(number, elapsed)
    affected(fault).forEach(diagnose)
  }

  func faultTurns(_ number: Int) {
    let fault = scenario.faults[number]
    guard case .flap(let down, let up) = fault.kind, recorder.isActive(number) else { return }
    let isDown = !(recorder.isDown[number] ?? false)
    recorder.isDown[number] = isDown
    planTurn(number, after: isDown ? down : up)
    affected(fault).forEach(diagnose)
  }

  private func planTurn(_ number: Int, after span: TimeSpan) {
    let pause = max(span, .milliseconds(10))
    heap.schedule(.faultTurns(Int32(truncatingIfNeeded: number)), at: now + pause)
  }

  private func affected(_ fault: Fault) -> [Int] {
    servers.indices.filter { fault.servers.contains(servers[$0].model.name) }
  }

  /// What all of a server's faults make of it together.
  private func diagnose(_ server: Int) {
    let (wasDead, wasHung) = (servers[server].isDead, servers[server].isHung)
    servers[server].isDead = false
    servers[server].isHung = false
    servers[server].stall = .zero
    servers[server].factor = 1
    servers[server].errorShare = 0
    servers[server].lossShare = 0
    for number in servers[server].ailments { suffer(server, number) }
    if servers[server].isDead, !wasDead { die(server) }
    if !servers[server].isHung, wasHung { wake(server) }
  }

  /// Whether what is seen of a server may come from a fault.
  func hasSigns(_ server: Int) -> Bool {
    recorder.hasSigns(
      elapsed, isIll: !servers[server].ailments.isEmpty, wasIllUntil: servers[server].illUntil)
  }

  private func suffer(_ server: Int, _ number: Int) {
    switch scenario.faults[number].kind {
    case .kill: servers[server].isDead = true
    case .flap: if recorder.isDown[number] ?? false { servers[server].isDead = true }
    case .stall(nil): servers[server].isHung = true
    case .stall(let time?): servers[server].stall = max(servers[server].stall, time)
    case .slow(let factor): servers[server].factor *= max(0, factor)
    case .errors(let share): servers[server].errorShare = max(servers[server].errorShare, share)
    case .loss(let share): servers[server].lossShare = max(servers[server].lossShare, share)
    }
  }

  // MARK: Scaling

  /// Servers are drained for so long.
  private static let drain = TimeSpan.seconds(30)

  func scale(_ number: Int) {
    let step = scenario.scaling[number]
    recorder.scaled(number, elapsed)
    for _ in 0..<max(0, step.add) where servers.count < Self.mostServers {
      guard var model = scenario.servers.first else { break }
      model.name = newName()
      servers.append(SimulatedServer(model, health: startingHealth))
      _ = servers[servers.count - 1].takeBusyShare(now)
      recorder.add(model)
      beginChecks(servers.count - 1, adopting: nil)
    }
    for _ in 0..<max(0, step.remove) {
      guard let last = servers.lastIndex(where: { $0.isPresent && $0.availability == .ready })
      else { break }
      servers[last].availability = .draining
      recorder.left(last)
      heap.schedule(.removal(server: Int32(truncatingIfNeeded: last)), at: now + Self.drain)
    }
    publish()
  }

  private var startingHealth: Server.Health {
    scenario.service.check == .none ? .healthy : .unknown
  }

  /// `s11` after ten servers, or the next that is free.
  private func newName() -> String {
    var number = servers.count + 1
    while servers.contains(where: { $0.model.name == "s\(number)" }) { number += 1 }
    return "s\(number)"
  }

  func remove(_ server: Int) {
    servers[server].isPresent = false
    publish()
  }
}
