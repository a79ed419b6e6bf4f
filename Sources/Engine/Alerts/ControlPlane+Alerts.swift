import AdminAPI
import Alerting
import Configuration
import EventLoop
import Faults
import Primitives
import Telemetry
import Topology

/// Shows the alert machine what there is, and carries out what it decides.
extension ControlPlane {
  /// What the engine before this one knew.
  func recallAlerts() {
    decideAlerts(.restored(recalled.alerts))
    recalled.alerts = []
    followAlerts()
  }

  func followAlerts() {
    let settings = loaded.settings
    let policy = settings.alerts.policy(settings.services)
    alerts.channels = Dictionary(
      settings.alerts.channels.map { ($0.name, $0) }
    ) { first, _ in first }
    alerts.limits = policy.latencyLimits
    decideAlerts(.policyChanged(policy))
  }

  func watchAlerts() {
    guard !isRetired else { return }
    reactor.schedule(after: AlertKeeping.interval) { self.watchAlerts() }
    guard drain == nil else { return }
    decideAlerts(.observed(observation))
    reportBurns()
  }

  func decideAlerts(_ event: AlertMachine.Event) {
    guard !isRetired else { return }
    let now = Clock.wallTime
    let output = alerts.machine.handle(
      event, now: now, minute: WeekClock.minute(of: now, in: .local))
    if !output.saves.isEmpty || !output.log.isEmpty {
      let states = output.saves.map { save in
        (key: save.key.text, value: save.state.flatMap { RecalledState.encode($0) })
      }
      recorder.writer.write(.alerts(states, output.log))
    }
    for silence in output.expired {
      decided(
        "silence.expire", silence.id, before: .list([Self.tree(Self.status(silence))]), after: [],
        because: "its time is over")
    }
    guard !output.deliveries.isEmpty else { return }
    Task {
      // What is on its way is on the disk before: a killed engine's successor sends it again.
      await recorder.writer.flush()
      for delivery in output.deliveries { self.send(delivery) }
    }
  }

  private func send(_ delivery: AlertMachine.Delivery) {
    guard !isRetired, let channel = alerts.channels[delivery.channel] else {
      decideAlerts(.failed(delivery.id, reason: "there is no such channel", retryAfter: nil))
      return
    }
    alerts.calls.run(
      { _ in AlertSender.send(delivery.message, by: channel) },
      done: { outcome in
        self.answer(delivery, outcome ?? .failed(reason: "no thread for it"))
      })
  }

  private func answer(_ delivery: AlertMachine.Delivery, _ verdict: AlertVerdict) {
    let parts = delivery.message.parts
    let service = parts.count == 1 ? parts[0].labels["service"] : nil
    switch verdict {
    case .delivered:
      decideAlerts(.delivered(delivery.id))
      recorder.note(
        "alert-sent", service: service == "" ? nil : service,
        "\(delivery.channel) was told: \(delivery.message.title)")
    case .failed(let reason, let retryAfter):
      decideAlerts(.failed(delivery.id, reason: reason, retryAfter: retryAfter))
      // The first failure in a row: each is in the log of alerts.
      guard alerts.machine.channels[delivery.channel]?.failures == 1 else { return }
      recorder.note(
        "alert-failed", .warning, service: service == "" ? nil : service,
        "\(delivery.channel) could not be told: \(reason)")
    }
  }

  // MARK: What there is

  private var observation: AlertObservation {
    var services: [String: AlertObservation.Service] = [:]
    for service in input.settings.services { services[service.name] = observed(service) }
    var faults: [AlertObservation.Fault] = []
    for root in recorder.ledger.openRoots {
      for fault in [root] + (root.beneath ?? []) where fault.resolved == nil {
        if let seen = observed(fault) { faults.append(seen) }
      }
    }
    let certificates = certificateStatuses.filter { !$0.isSelfSigned }.map {
      AlertObservation.Certificate(name: $0.name, notAfter: $0.notAfter)
    }
    return AlertObservation(
      services: services, faults: faults, certificates: certificates)
  }

  /// Nil for what alerts themselves brought into the ledger.
  private func observed(_ fault: FaultRecord) -> AlertObservation.Fault? {
    guard !fault.type.isFromAlerts else { return nil }
    let outages = ([fault] + (fault.beneath ?? [])).filter { $0.type.isOutage }.map(\.service)
    return AlertObservation.Fault(
      id: fault.id, parent: fault.parent, type: fault.type.rawValue, service: fault.service,
      server: fault.server, subject: fault.subject, cause: fault.cause, outages: Set(outages))
  }

  /// An error budget that is spent too fast is a fault, for as long as one of its alerts fires.
  private func reportBurns() {
    var burning: [AlertKeeping.Burn: String] = [:]
    for alert in alerts.machine.alerts.values where alert.isFiring {
      guard let objective = alert.labels["objective"], let service = alert.service else { continue }
      let burn = AlertKeeping.Burn(service: service, objective: objective)
      burning[burn] = max(burning[burn] ?? "", alert.summary)
    }
    for burn in alerts.burns.subtracting(burning.keys).sorted() {
      recorder.handle(.burnEnded(service: burn.service, objective: burn.objective))
    }
    for burn in Set(burning.keys).subtracting(alerts.burns).sorted() {
      recorder.handle(
        .burnBegan(
          service: burn.service, objective: burn.objective, cause: burning[burn] ?? ""))
    }
    alerts.burns = Set(burning.keys)
  }

  private func observed(_ service: ServiceSettings) -> AlertObservation.Service {
    var seen = AlertObservation.Service()
    let id = identities.knownService(service.name)
    let traffic = id.flatMap { history.latest?.services[$0.index] }
    if let traffic {
      seen.requests = traffic.requests
      seen.failures = traffic.failures
      for limit in alerts.limits(of: service.name) {
        seen.slow[limit] = traffic.latencies.count(above: limit)
      }
    }
    if service.run != nil { seen.restarts = alerts.exits[service.name] ?? 0 }
    seen.healthyServers = healthyServers(of: service)
    seen.saturation = saturation(of: service, queued: traffic?.queued ?? 0)
    return seen
  }

  /// Nil while one was never checked and none is healthy. One that is down on purpose lacks nothing.
  private func healthyServers(of service: ServiceSettings) -> Int? {
    if replicaSets[service.name]?.wantedCount == 0, service.servers.isEmpty { return .max }
    var healthy = 0
    var isUnknown = false
    for server in input.servers(of: service) {
      let condition = input.condition(of: ServerName(service: service.name, server: server.name))
      let health = service.health.isWatched ? condition.health : .healthy
      if health == .unknown { isUnknown = true }
      if health == .healthy, condition.effectiveAvailability == .ready { healthy += 1 }
    }
    return healthy == 0 && isUnknown ? nil : healthy
  }

  /// The fullest of its limits; nil without one.
  private func saturation(of service: ServiceSettings, queued: Int) -> Double? {
    let limits = service.limits
    var shares: [Double] = []
    var (requests, connections, count) = (0, 0, 0)
    for server in input.servers(of: service) {
      let name = ServerName(service: service.name, server: server.name)
      guard let id = identities.knownServer(name),
        let traffic = history.latest?.servers[id.index]
      else { continue }
      requests += traffic.inflight
      connections += traffic.connections
      count += 1
    }
    if limits.requests > 0, count > 0 {
      shares.append(Double(requests) / (Double(limits.requests) * Double(count)))
    }
    if limits.connections > 0, count > 0 {
      shares.append(Double(connections) / (Double(limits.connections) * Double(count)))
    }
    if limits.queue > 0 { shares.append(Double(queued) / Double(limits.queue)) }
    return shares.max()
  }
}
