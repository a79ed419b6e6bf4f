import Balancing
import HealthChecking
import Primitives
import Proxying
import Topology

/// The control plane: checks, and the topology that the workers adopt.
extension Simulator {
  // MARK: Topology

  func publish() {
    followStandby()
    let plan = scenario.service
    service = Service(
      id: ServiceID(0), name: scenario.name, algorithm: plan.algorithm,
      servers: servers.indices.filter { servers[$0].isPresent }.map(entry),
      stickiness: plan.stickiness, ejection: plan.ejection, slowStart: plan.slowStart,
      panicThreshold: plan.panicThreshold, retries: plan.retries, timeouts: plan.timeouts,
      limits: plan.limits)
    for worker in workers {
      worker.adopt(service, limits: shares(plan.limits), servers: servers.count, now: now)
    }
  }

  private func entry(_ server: Int) -> Server {
    let one = servers[server]
    let port = UInt16(truncatingIfNeeded: 10_000 + server)
    return Server(
      id: ServerID(server), name: one.model.name, address: .loopback(port: port),
      weight: one.model.weight, priority: one.model.priority, isLocal: one.model.isLocal,
      availability: one.availability, health: one.health, healthySince: one.healthySince,
      isStandby: isStandby(server))
  }

  /// One worker's part of the limits; 0 stays 0, everything else is at least 1.
  private func shares(_ limits: Limits) -> Limits {
    func share(_ limit: Int) -> Int { limit == 0 ? 0 : max(1, limit / workers.count) }
    var part = limits
    part.requests = share(limits.requests)
    part.connections = share(limits.connections)
    part.queue = share(limits.queue)
    return part
  }

  // MARK: Checks

  func beginChecks(_ server: Int, adopting known: HealthState?) {
    guard scenario.service.check != .none else { return }
    servers[server].machine = HealthMachine(policy: scenario.service.health, now: now)
    if let known { handleCheck(server, .adopted(known)) } else { planCheck(server) }
  }

  func handleCheck(_ server: Int, _ event: HealthMachine.Event) {
    guard servers[server].isPresent,
      let change = servers[server].machine?.handle(event, now: now, random: &checkRandom)
    else {
      planCheck(server)
      return
    }
    planCheck(server)
    healthChanged(server, change)
  }

  private func planCheck(_ server: Int) {
    guard servers[server].isPresent, let next = servers[server].machine?.nextCheck,
      servers[server].plannedCheck.map({ next < $0 }) ?? true
    else { return }
    servers[server].plannedCheck = next
    heap.schedule(.check(server: Int32(truncatingIfNeeded: server)), at: max(next, now))
  }

  func beginCheck(_ server: Int) {
    // A check that was moved leaves its first plan behind.
    guard let planned = servers[server].plannedCheck, now >= planned else { return }
    servers[server].plannedCheck = nil
    guard let next = servers[server].machine?.nextCheck else { return }
    guard next <= now else {
      planCheck(server)
      return
    }
    handleCheck(server, .checkBegan)
    servers[server].checkNumber &+= 1
    let number = servers[server].checkNumber
    let roundTrip = scenario.networkDelay + scenario.networkDelay
    let isLost = servers[server].lossShare > 0 && chance.fraction() < servers[server].lossShare
    let timeout = now + scenario.service.health.timeout
    if isLost {
      endCheck(server, number, passed: false, at: timeout)
    } else if servers[server].isDead || scenario.service.check == .connect {
      endCheck(server, number, passed: !servers[server].isDead, at: now + roundTrip)
    } else {
      let attempt = newTry(worker: 0, server: server)
      tries[attempt].check = number
      heap.schedule(.reached(ticket(attempt: attempt)), at: now + roundTrip)
      endCheck(server, number, passed: false, at: timeout)
    }
  }

  private func endCheck(_ server: Int, _ number: UInt32, passed: Bool, at time: Instant) {
    heap.schedule(
      .checkEnded(server: Int32(truncatingIfNeeded: server), number: number, passed: passed),
      at: time)
  }

  /// The server answered a check; too late ones are ignored below.
  func checkAnswered(_ attempt: Int, _ number: UInt32) {
    checkEnded(tries[attempt].server, number, passed: true)
  }

  func checkEnded(_ server: Int, _ number: UInt32, passed: Bool) {
    guard servers[server].checkNumber == number else { return }
    servers[server].checkNumber &+= 1
    handleCheck(server, .checkEnded(passed ? .passed(detail: "ok") : .failed(detail: "failed")))
  }

  private func healthChanged(_ server: Int, _ change: HealthChange) {
    let health: Server.Health =
      switch change.to {
      case .unknown: .unknown
      case .healthy: .healthy
      case .unhealthy: .unhealthy
      }
    servers[server].health = health
    switch change.to {
    case .healthy:
      servers[server].healthySince = now
      publish()
      for worker in workers { worker.forgive(server) }
    case .unhealthy:
      servers[server].healthySince = nil
      recorder.noticed(servers[server].ailments, elapsed)
      recorder.unhealthy(elapsed, hadFault: hasSigns(server))
      publish()
      leave(unhealthy: server)
    case .unknown: publish()
    }
  }

  /// Requests that wait for an answer of a server that just turned unhealthy are tried elsewhere
  /// where that is safe.
  private func leave(unhealthy server: Int) {
    for place in requests.indices where requests[place].isUsed {
      guard requests[place].phase == .exchange,
        let attempt = requests[place].attempt.flatMap(attempt), tries[attempt].server == server
      else { continue }
      report(place, .serverUnhealthy)
      if requests[place].isUsed { arm(place) }
    }
  }

  /// What the supervisor, or an agent, says of the servers' machines: how busy a server's places
  /// were over the last second, and how much of its room is taken.
  func measureLoads() {
    for server in servers.indices where servers[server].isPresent && !servers[server].isDead {
      let model = servers[server].model
      guard model.concurrency > 0 else { continue }
      let load = MeasuredLoad(
        cpu: servers[server].takeBusyShare(now),
        memory: Double(servers[server].inflight) / Double(model.concurrency + model.backlog),
        measured: now)
      for worker in workers { worker.measured(server, load) }
    }
  }
}
