import Configuration
import Deployment
import EventLoop
import Faults
import Primitives
import Supervision
import Topology

/// Carries out what the replica sets decide.
extension ControlPlane {
  /// Takes over what the keeper runs already, before anything is configured.
  func adopt(_ running: [RunningReplica]) {
    for (service, replicas) in Dictionary(grouping: running, by: \.spec.service) {
      var set = replicaSets[service] ?? ReplicaSet(service: service)
      for replica in replicas {
        set.learn(adopting: replica.spec)
        if !replica.stopping { set.addresses[replica.spec.name] = .loopback(port: replica.port) }
        driver(of: ReplicaTemplate(adopting: replica.spec)).adopt([replica])
      }
      replicaSets[service] = set
      handle(
        service,
        .adopted(
          replicas.map { replica in
            AdoptedReplica(
              name: replica.spec.name, template: replica.spec.template, pid: replica.pid,
              port: replica.port, startedAt: instant(of: replica.startedAt),
              isStopping: replica.stopping)
          }))
    }
  }

  /// Follows the `run` of every service; a service that has none any more loses its replicas.
  func followRuns() {
    var wanted: Set<String> = []
    for service in input.settings.services {
      guard let run = service.run else { continue }
      wanted.insert(service.name)
      var set = replicaSets[service.name] ?? ReplicaSet(service: service.name)
      let template = ReplicaTemplate(service.name, run)
      set.learn(template)
      set.stop = run.stop
      set.configuredCount = service.startingReplicas
      replicaSets[service.name] = set
      handle(
        service.name,
        .configured(
          revision: template.fingerprint, count: set.wantedCount, plan: service.deploy))
      takeUncheckedAsReady(service.name)
    }
    for service in replicaSets.keys where !wanted.contains(service) {
      replicaSets[service]?.orderedCount = nil
      replicaSets[service]?.configuredCount = 0
      handle(service, .removed)
    }
  }

  /// Without checks, what runs is ready.
  private func takeUncheckedAsReady(_ service: String) {
    guard isUnchecked(service), let set = replicaSets[service] else { return }
    for replica in set.machine.replicas where replica.pid != nil && replica.state != .ready {
      replicaHealthChanged(
        ServerName(service: service, server: replica.name), isHealthy: true)
    }
  }

  /// The operator's count holds until the file names another than it did then.
  func recallCounts(from before: [String: Int]) {
    var configured: [String: Int] = [:]
    for service in loaded.settings.services {
      // An autoscaler's count is not the file's to take back.
      guard let run = service.run, service.scale == nil else { continue }
      configured[service.name] = run.replicas
      guard let ordered = replicaSets[service.name]?.orderedCount else { continue }
      if before[service.name] == run.replicas { continue }
      replicaSets[service.name]?.orderedCount = nil
      recorder.writer.write(.replicaCount(service: service.name, nil))
      recorder.note(
        "scaled", service: service.name,
        "\(service.name): \(Self.replicas(run.replicas)) as the file says now, not \(ordered)")
    }
    recorder.writer.write(
      .value(RecalledState.encode(configured), key: RecalledState.configuredCountsKey))
  }

  /// - Parameter reason: who wants it, and why.
  func scale(_ service: String, to count: Int, because reason: String = "an operator's order") {
    replicaSets[service]?.orderedCount = count
    recorder.writer.write(.replicaCount(service: service, count))
    recorder.note(
      "scaled", service: service, "\(service): \(Self.replicas(count)) wanted: \(reason)")
    handle(service, .scaled(count: count))
  }

  /// Back to the file's count: the autoscaler whose order it was is gone.
  func forgetCount(_ service: String) {
    guard let set = replicaSets[service], set.orderedCount != nil else { return }
    replicaSets[service]?.orderedCount = nil
    recorder.writer.write(.replicaCount(service: service, nil))
    recorder.note(
      "scaled", service: service,
      "\(service): \(Self.replicas(set.configuredCount)) as the file says, without an autoscaler")
    handle(service, .scaled(count: set.configuredCount))
  }

  /// Follows an order of a state that was restored; nil is the file's count.
  func recount(_ service: String, to count: Int?) {
    replicaSets[service]?.orderedCount = count
    guard let wanted = replicaSets[service]?.wantedCount else { return }
    handle(service, .scaled(count: wanted))
  }

  /// The same program once more, one replica after the other.
  func restart(_ service: String) {
    guard let set = replicaSets[service], let revision = set.machine.revision,
      let template = set.templates[revision]
    else { return }
    recorder.note("restart", service: service, "\(service): all replicas are to be replaced")
    let next = DeploymentMachine.restarted(revision)
    replicaSets[service]?.learn(template.named(next))
    let plan = DeploymentPlan.restart(drain: deployPlan(of: service).drain)
    let request = DeploymentRequest(revision: next, kind: .restart, plan: plan, by: "operator")
    handle(service, .requested(request, supersedes: false))
  }

  // MARK: What the drivers say

  func replicaStarted(_ replica: RunningReplica) {
    let (service, name) = (replica.spec.service, replica.spec.name)
    let server = ServerName(service: service, server: name)
    replicaSets[service]?.addresses[name] = .loopback(port: replica.port)
    drills.replicasStarted[server] = Clock.now
    input.conditions[server]?.health = .unknown
    recorder.handle(.replicaStarted(server, pid: Int(replica.pid)))
    if let reason = replica.limitsUnavailable, replicaSets[service]?.toldLimits == false {
      replicaSets[service]?.toldLimits = true
      recorder.note(
        "limits-unavailable", .warning, service: service,
        "\(service) runs without its limits of cpu and memory: \(reason)")
    }
    handle(service, .started(name: name, pid: replica.pid, port: replica.port))
    if isUnchecked(service) { replicaHealthChanged(server, isHealthy: true) }
  }

  func replicaStartFailed(_ name: String, _ message: String) {
    guard let service = service(ofReplica: name) else { return }
    let server = ServerName(service: service, server: name)
    recorder.handle(
      .replicaExited(server, exit: "did not start: \(message)", others: working(service)))
    replicaSets[service]?.addresses[name] = nil
    handle(service, .startFailed(name: name, message: message))
  }

  func replicaExited(_ replica: ExitedReplica) {
    guard let service = service(ofReplica: replica.name) else { return }
    let server = ServerName(service: service, server: replica.name)
    let how = "\(replica.end)" + (replica.outOfMemory ? ", out of memory" : "")
    let isWorking = input.conditions[server]?.health == .healthy
    if !replica.wasAsked {
      // A process that was killed had no say in it: its last line tells of something else.
      var said = ""
      if case .code = replica.end {
        said = replica.lastLines.last { !$0.allSatisfy(\.isWhitespace) }.map { ": \($0)" } ?? ""
      }
      recorder.handle(
        .replicaExited(
          server, exit: how + said, others: max(0, working(service) - (isWorking ? 1 : 0))))
    }
    noteEnd(replica, of: service)
    drilledServer(server, isLeftOut: "the end of its process: \(replica.end)")
    drills.replicasStarted[server] = nil
    replicaSets[service]?.addresses[replica.name] = nil
    input.conditions[server]?.health = .unknown
    input.conditions[server]?.isLeaving = false
    leaving.remove(server)
    handle(service, .exited(name: replica.name, how: how))
    if replica.wasAsked { changed() }
  }

  func replicaHealthChanged(_ name: ServerName, isHealthy: Bool) {
    guard let set = replicaSets[name.service],
      set.machine.replicas.contains(where: { $0.name == name.server })
    else { return }
    let before = state(of: name)
    // Told before what follows from it, such as that another one may stop now.
    let isNew = isHealthy && (before == .starting || before == .unready)
    if isNew {
      recorder.handle(.replicaReady(name))
      if let began = drills.replicasStarted.removeValue(forKey: name) {
        drills.startTimes[name.service] = Clock.now - began
      }
    }
    handle(name.service, .health(name: name.server, isHealthy: isHealthy))
    guard isNew, state(of: name) == .ready, set.looping.contains(name.server) else { return }
    let pid = pid(of: name)
    reactor.schedule(after: set.machine.policy.stable) {
      guard self.state(of: name) == .ready, self.pid(of: name) == pid else { return }
      self.replicaSets[name.service]?.looping.remove(name.server)
      self.recorder.handle(.crashLoopEnded(name))
    }
  }

  // MARK: Actions

  func handle(_ service: String, _ event: DeploymentMachine.Event) {
    guard !isRetired, var set = replicaSets[service] else { return }
    let before = set.machine.state
    let actions = set.machine.handle(event, now: Clock.now)
    replicaSets[service] = set
    if set.machine.state != before { keepDeployments() }
    for action in actions {
      switch action {
      case .replica(let action): carryOut(action, service)
      case .measureAnew: replicaSets[service]?.traffic = DeploymentTraffic()
      case .note(let note): take(note, service)
      }
    }
    followHistory(service, from: before)
    if let now = replicaSets[service], now.machine.isEmpty,
      !input.settings.services.contains(where: { $0.name == service && $0.run != nil })
    {
      replicaSets[service] = nil
    }
    followReplicas()
  }

  private func carryOut(_ action: ReplicaAction, _ service: String) {
    guard let set = replicaSets[service] else { return }
    switch action {
    case .start(let name, let template):
      guard let template = set.templates[template] else {
        return handle(
          service, .startFailed(name: name, message: "how its revision is started is not known"))
      }
      let state = loaded.settings.state.path
      if let order = template.release { processes.learn(order, folder: order.folder(in: state)) }
      driver(of: template).start(
        template.spec(name: name, logFile: logFile(of: name), stop: set.stop, state: state))
    case .beginDrain(let name):
      let server = ServerName(service: service, server: name)
      recorder.handle(.replicaStopping(server, reason: stopReason(set)))
      input.conditions[server, default: ServerCondition()].isLeaving = true
      leaving.insert(server)
      changed()
      watchLeaving()
    case .stop(let name):
      let server = ServerName(service: service, server: name)
      if !leaving.contains(server) {
        recorder.handle(.replicaStopping(server, reason: stopReason(set)))
      }
      leaving.remove(server)
      let signal = ProcessSignal(rawValue: set.stop.signal.rawValue) ?? .term
      driver(of: set.template(of: name)).stop(name, signal, within: set.stop.timeout)
    case .kill(let name):
      recorder.handle(.acted(service: service, server: name, action: "killed, since it hung"))
      driver(of: set.template(of: name)).stop(name, .kill, within: .zero)
    case .note(let note): take(note, service)
    }
  }

  private func take(_ note: ReplicaNote, _ service: String) {
    switch note {
    case .exited(let name, _, let wait), .startFailed(let name, _, let wait):
      guard wait > .zero else { return }
      recorder.handle(
        .acted(service: service, server: name, action: "to be started again in \(wait)"))
    case .crashLoop(let name, let exits):
      replicaSets[service]?.looping.insert(name)
      let exit = replicaSets[service]?.machine.replicas.first { $0.name == name }?.lastExit
      let last = exit.map { ", the last time it \($0)" } ?? ""
      recorder.handle(
        .crashLoopBegan(
          ServerName(service: service, server: name), cause: "\(exits) ends in a row\(last)"))
      changed()
    case .hung(let name, _), .neverReady(let name, _):
      recorder.note("replica-hung", .warning, service: service, server: name, "\(note)")
    }
  }

  /// Servers, checks and the next tick follow what the machines hold now.
  private func followReplicas() {
    var servers: [String: [ReplicaServer]] = [:]
    for (service, set) in replicaSets {
      servers[service] = set.machine.replicas.compactMap { replica in
        set.addresses[replica.name].map { ReplicaServer(name: replica.name, address: $0) }
      }
    }
    let shifts = replicaSets.compactMapValues(\.shift)
    if servers != input.replicas || shifts != input.shifts {
      input.replicas = servers
      input.shifts = shifts
      health.follow(input, adopting: adopted)
      changed()
    }
    if let replicaTimer { reactor.cancel(replicaTimer) }
    replicaTimer = nil
    guard let next = replicaSets.values.compactMap(\.machine.nextDeadline).min() else { return }
    replicaTimer = reactor.schedule(at: next) {
      self.replicaTimer = nil
      for service in self.replicaSets.keys.sorted() { self.handle(service, .tick) }
    }
  }

  /// Asks the workers, until those that leave have nothing under way.
  private func watchLeaving() {
    guard !isLeavingWatched, !isRetired else { return }
    isLeavingWatched = true
    reactor.schedule(after: Self.leavingBeat) { Task { await self.lookAtLeaving() } }
  }

  private func lookAtLeaving() async {
    if isPublishPlanned { publish() }
    // Asked after the topology: what the answer counts was begun before it.
    let asked = leaving
    let sample = TrafficSample(at: Clock.now, await dataPlane.reports())
    for name in asked where leaving.contains(name) {
      let inflight = identities.knownServer(name).flatMap { sample.servers[$0.index]?.inflight }
      if inflight ?? 0 == 0 { handle(name.service, .drained(name: name.server)) }
    }
    isLeavingWatched = false
    if !leaving.isEmpty { watchLeaving() }
  }

  static let leavingBeat = TimeSpan.milliseconds(50)

  // MARK: Looking

  func logFile(of replica: String) -> String {
    "\(loaded.settings.state.path)/logs/\(replica).log"
  }

  private func stopReason(_ set: ReplicaSet) -> String {
    set.machine.isRolling ? "it is being replaced" : "only \(Self.replicas(set.wantedCount)) wanted"
  }

  private static func replicas(_ count: Int) -> String {
    count == 1 ? "1 replica" : "\(count) replicas"
  }

  private func isUnchecked(_ service: String) -> Bool {
    input.settings.services.first { $0.name == service }?.health.isWatched == false
  }

  private func service(ofReplica name: String) -> String? {
    replicaSets.first { $0.value.machine.replicas.contains { $0.name == name } }?.key
  }

  private func state(of name: ServerName) -> ReplicaState? { replica(name)?.state }
  private func pid(of name: ServerName) -> Int32? { replica(name)?.pid }

  private func replica(_ name: ServerName) -> DeployedReplica? {
    replicaSets[name.service]?.machine.replicas.first { $0.name == name.server }
  }

  private func instant(of time: WallTime) -> Instant { Clock.now + (time - Clock.wallTime) }
}
