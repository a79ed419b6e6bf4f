import AdminAPI
import Configuration
import EventLoop
import Faults
import Glibc
import HealthChecking
import Primitives
import Proxying
import Store
import Supervision
import TLS
import Topology

/// From a welcome of the keeper to serving.
extension ControlPlane {
  func start(
    _ welcome: sending KeeperLink.Welcome, notes: [ConfigurationNote]
  ) async {
    connect()
    // A reload that comes early waits until the listeners are there.
    reloads.isTaken = true
    await recall()
    let sessionKey = await recallSessionSecret()
    do throws(EventLoop.SystemError) {
      try watchKeeper()
      try reactor.watch(notices.wakeUp.descriptor, .readable) { _ in self.takeNotices() }
      try reactor.watch(storeOutcomes.wakeUp.descriptor, .readable) { _ in
        for outcome in self.storeOutcomes.takeAll() { self.recorder.wrote(outcome) }
        self.eventSinks.wake()
      }
      try reactor.watch(sinkNotices.wakeUp.descriptor, .readable) { _ in self.takeSinkNotices() }
      try dataPlane.run(sessionKey: sessionKey)
    } catch {
      log.error("cannot begin: \(error)")
      return end(1)
    }
    upgrade = welcome.upgrade
    let isRestart = welcome.restarts > 0 || welcome.upgrade != nil
    let sessions = welcome.sessions
    let (running, early) = (welcome.replicas, welcome.early)
    let inherited = welcome.listeners
    var opened: [OpenedListener] = []
    // What refuses a first start comes before any replica starts and before anything is recorded.
    if !isRestart {
      guard let all = await openListeners(inherited: inherited, isRestart: false),
        await openAdmin()
      else { return end(1) }
      opened = all
    }
    recordForSinks()
    recordBeginning(welcome, notes)
    recallAccounts()
    begin(adopting: isRestart, running)
    containers.sweep(recalled: recalled.containerSockets)
    for message in early { take(message) }
    recallStandbys(adopting: isRestart)
    recallTickets(welcome.configuration)
    followCertificates()
    publish()
    recallBans()
    recallDrills()
    recallAlerts()
    for bytes in sessions { adopt(sessions: bytes) }
    if isRestart {
      // After a crash the clients wait in the backlog for the first checks, not for an error.
      await settle(within: Self.settleTime)
      opened = await openListeners(inherited: inherited, isRestart: true) ?? []
      _ = await openAdmin()
    }
    for listener in opened {
      dataPlane.listen(
        identities.listener(listener.name), descriptors: listener.descriptors,
        isDatagram: listener.isDatagram)
    }
    if isPublishPlanned { publish() }
    isServing = true
    keepConfiguration()
    tell(.serving)
    announce()
    endTurn()
    sample()
    beat()
    watchCertificates()
    watchStatuses()
    watchAccounts()
    beginBackups()
    followAuditHeads()
    watchAlerts()
  }

  /// How long a restarted engine waits for the first checks before it takes connections.
  static let settleTime = TimeSpan.milliseconds(100)

  private func connect() {
    commands.send = { spec throws(LinkError) in try self.link.send(.run(spec)) }
    connectDrivers()
    health.listener = ServerWatch.Listener(
      changed: { self.healthChanged($0, $1) }, agentChanged: { self.agentChanged($0) },
      measured: { self.measured($0, cpu: $1 ?? 0, memory: $2 ?? 0) })
    admin.asked = { connection, request in
      let id = connection.id
      Task { await self.serve(id, request) }
    }
    admin.bodyLimit = { request in
      var request = request
      self.identify(&request)
      let isStranger = request.actor.role == nil && request.credential != .setUp
      return isStranger ? AdminLimits.strangerBytes : AdminLimits.bodyBytes(of: request)
    }
    recorder.published = { self.publishRecords($0, $1) }
  }

  private func recall() async {
    do throws(StoreError) {
      recalled = try await RecalledState.read(from: opening.store, now: startedAt)
    } catch {
      recorder.handle(.storeFailed(cause: "the state cannot be read: \(error)"))
    }
    recorder.handle(.policyChanged(FaultPolicy(quiet: loaded.settings.faults.quiet)))
    do throws(StoreError) {
      try await opening.store.recallBegunAudit(keep: loaded.settings.audit.keep)
    } catch {
      log.warning("the audit log does not know what the last engine had begun: \(error)")
    }
    recorder.recall(recalled)
    for (name, override) in recalled.overrides {
      var condition = input.condition(of: name)
      condition.availability = override.state.flatMap { .init(rawValue: $0) } ?? .ready
      condition.weight = override.weight
      input.conditions[name] = condition
    }
  }

  /// Without randomness there is no secret, and then no cookie is set.
  private func recallSessionSecret() async -> HashKey {
    guard let secret = await SessionSecret.recall(from: opening.store) else {
      recorder.note("sessions-off", .error, "the system gives no randomness: no session is kept")
      return HashKey(high: 0, low: 0)
    }
    let maker = SessionTokenMaker(secret: secret)
    containers.instance = secret.instanceName
    input.sessionToken = { maker.token(service: $0.service, server: $0.server) }
    return secret.tableKey
  }

  private func recordBeginning(
    _ welcome: borrowing KeeperLink.Welcome, _ notes: [ConfigurationNote]
  ) {
    if let set = opening.setAside {
      recorder.handle(.storeFailed(cause: "the state was damaged: \(set.reason)"))
      if opening.problem == nil {
        recorder.handle(.storeRecovered(action: "a new one was begun; the old is \(set.path)"))
      }
    }
    if let problem = opening.problem { recorder.handle(.storeFailed(cause: "\(problem)")) }
    if let upgrade = welcome.upgrade {
      recorder.note(
        "upgraded",
        "Ballast \(BallastVersion.current), pid \(getpid()), takes over from "
          + "\(upgrade.formerVersion), pid \(upgrade.formerPid)")
      decided(
        "engine.upgrade", before: ["version": .text(upgrade.formerVersion)],
        after: ["version": .text(BallastVersion.current)])
    } else if welcome.restarts > 0 {
      recorder.handle(
        .engineRestarted(
          cause: welcome.lastEnd ?? "not known", ended: startedAt,
          adoptedReplicas: welcome.replicas.count))
      decided(
        "engine.restart", because: "the one before ended: \(welcome.lastEnd ?? "why is not known")")
    } else {
      recorder.note("started", "Ballast \(BallastVersion.current) begins with \(loaded.path)")
      decided(
        "engine.start",
        after: ["version": .text(BallastVersion.current), "file": .text(loaded.path)])
    }
    for note in notes { recorder.note("config-warning", note.severity, note.message) }
    rememberBeginning(recalled.configuration)
  }

  private func begin(adopting: Bool, _ running: [RunningReplica]) {
    for (service, count) in recalled.replicaCounts {
      guard loaded.settings.services.contains(where: { $0.name == service && $0.run != nil }) else {
        continue
      }
      replicaSets[service] = ReplicaSet(service: service)
      replicaSets[service]?.orderedCount = count
    }
    recallCounts(from: recalled.configuredCounts)
    recallDeployments()
    // What an engine knew a moment ago still holds; what one knew before a stop doesn't.
    let known = adopting ? recalled.health : [:]
    for (name, state) in known {
      input.conditions[name, default: ServerCondition()].health = .init(state)
    }
    adopted = known
    adopt(running)
    health.follow(input, adopting: known)
    tuningOff = recalled.tuningOff
    followRuns()
    followScales()
    followTuning()
    for (name, state) in known where state == .healthy && health[name] != nil {
      replicaHealthChanged(name, isHealthy: true)
    }
    adopted = [:]
    for name in input.conditions.keys where health[name] == nil {
      input.conditions[name]?.health = .unknown
    }
    tellServers()
  }

  private func settle(within span: TimeSpan) async {
    let deadline = Clock.now + span
    while !health.isSettled, Clock.now < deadline {
      await withCheckedContinuation { continuation in
        reactor.schedule(after: .milliseconds(5)) { continuation.resume() }
      }
    }
  }

  // MARK: Sockets

  private struct OpenedListener {
    var name: String
    var descriptors: [Int32]
    var isDatagram: Bool
  }

  /// Opens them all; nobody is accepted yet.
  /// - Returns: nil when a first start is to be refused.
  private func openListeners(
    inherited: [KeeperLink.Welcome.Listener], isRestart: Bool
  ) async -> [OpenedListener]? {
    for listener in inherited { Descriptor.close(listener.descriptors) }
    var opened: [OpenedListener] = []
    for listener in loaded.settings.listeners {
      switch await listen(listener) {
      case .success(let answer):
        boundAddresses[listener.name] = answer.address
        opened.append(
          OpenedListener(
            name: listener.name, descriptors: answer.descriptors,
            isDatagram: listener.protocol == .udp))
      case .failure(let failure):
        let message = "the listener \(listener.name) cannot listen: \(failure.message)"
        // A first start is refused whole; a restarted engine serves what it can.
        guard isRestart else {
          log.error(message)
          return nil
        }
        recorder.note("listen-failed", .error, message)
      }
    }
    let used = labels(of: loaded.settings)
      .union(Self.adminLabels(loaded.settings.admin).map(\.label))
    for listener in inherited where !used.contains(listener.name) {
      tell(.unlisten(name: listener.name))
    }
    return opened
  }

  // MARK: Words

  /// For whoever started Ballast: where it answers.
  private func announce() {
    for listener in loaded.settings.listeners {
      let address = boundAddresses[listener.name].map { "\(Self.shown($0))" } ?? "nowhere"
      EngineLog.print("listening: \(listener.name) at \(address)")
      if let own = certificates.selfSigned[listener.name] {
        EngineLog.print("self-signed: \(listener.name) shows SHA-256 \(own.fingerprint)")
      }
    }
    if let own = certificates.selfSigned[Self.adminListener] {
      EngineLog.print("self-signed: the dashboard shows SHA-256 \(own.fingerprint)")
    }
    let scheme = loaded.settings.admin.tls == nil ? "http" : "https"
    EngineLog.print("dashboard: \(scheme)://\(Self.shown(adminAddress))/")
    EngineLog.print("ready: Ballast \(BallastVersion.current), pid \(getpid())")
    warnOfOpenAdmin()
  }

  /// A wildcard is where this machine answers.
  static func shown(_ address: SocketAddress) -> String {
    switch address {
    case .ipv6(0, 0, let port), .ipv4(0, let port): "localhost:\(port)"
    default: "\(address)"
    }
  }
}

/// What is to be said of the configuration once there is somebody to say it to.
struct ConfigurationNote: Sendable {
  var severity: EventRecord.Severity
  var message: String
}
