import AdminAPI
import Configuration
import Deployment
import Drills
import EventLoop
import Faults
import Primitives
import Supervision
import Topology

/// Carries drills out, measures what comes of them, and makes sure that they end.
extension ControlPlane {
  // MARK: Orders

  func orderDrill(_ service: String, _ request: AdminRequest) async -> AdminAnswer {
    guard let settings = input.settings.services.first(where: { $0.name == service }) else {
      return .notFound("service \(service)")
    }
    guard let wanted = AdminJSON.decode(DrillRequest.self, request.body),
      let kind = DrillKind(rawValue: wanted.kind)
    else {
      return .error(400, "invalid", #"the body must be like {"kind":"hang","duration":10}"#)
    }
    if let problem = Self.problem(of: wanted) { return .error(400, "invalid", problem) }
    guard let server = wanted.server ?? drillTarget(kind, settings) else {
      return .error(409, "conflict", "\(service) has no server")
    }
    guard input.servers(of: settings).contains(where: { $0.name == server }) else {
      return .notFound("server \(service)/\(server)")
    }
    let order = DrillOrder(
      kind: kind, service: service, server: server, span: Self.span(wanted.duration ?? 10),
      share: wanted.share ?? 1, delay: Self.span(wanted.delay ?? 0.3))
    let facts = await facts(of: order, settings)
    let safety = DrillSafety(order, facts)
    let objections = safety.impossible + safety.unsafe
    var status = DrillStatus(
      id: 0, state: .planned, kind: kind.rawValue, service: service, server: server,
      order: order.text, forced: wanted.force == true && !safety.unsafe.isEmpty,
      objections: objections, predicted: .init(DrillForecast(order, facts)))
    if wanted.dryRun == true { return .json(status, status: 202) }
    guard safety.impossible.isEmpty else {
      return .error(409, "conflict", "the drill can't be done", details: safety.impossible)
    }
    guard safety.unsafe.isEmpty || wanted.force == true else {
      return .error(
        409, "unsafe", "the drill is not safe now; with force it is done all the same",
        details: safety.unsafe)
    }
    // Another order may have come while the workers were asked.
    guard drills.running == nil else {
      return .error(409, "conflict", "another drill is under way")
    }
    drills.latest &+= 1
    status.id = drills.latest
    status.state = .running
    status.began = Clock.wallTime
    await begin(order, status)
    return .json(drillStatus("\(status.id)") ?? status, status: 202)
  }

  private static func problem(of wanted: DrillRequest) -> String? {
    let most = DrillOrder.longest.seconds
    if let duration = wanted.duration, !(duration > 0 && duration <= most) {
      return "duration must be more than 0 and at most \(Int(most)) seconds"
    }
    if let share = wanted.share, !(share > 0 && share <= 1) {
      return "share must be more than 0 and at most 1"
    }
    if let delay = wanted.delay, !(delay > 0 && delay <= DrillOrder.longestDelay.seconds) {
      return "delay must be more than 0 and at most \(Int(DrillOrder.longestDelay.seconds)) seconds"
    }
    return nil
  }

  /// Of a number that was found to be small.
  private static func span(_ seconds: Double) -> TimeSpan {
    .milliseconds(Int64(min(max(seconds, 0), 86_400) * 1_000))
  }

  /// The order is on the disk before anything is done.
  private func begin(_ order: DrillOrder, _ status: DrillStatus) async {
    drills.running = .init(
      number: status.id, machine: DrillMachine(order, now: Clock.now), status: status)
    recorder.writer.write(
      .value(
        RecalledState.encode(KeptDrill(order: order, status: status)),
        key: RecalledState.drillKey))
    await recorder.writer.flush()
    let before = await drillCounters(order.service)
    drills.running?.before = before
    drills.running?.latest = before
    let name = ServerName(service: order.service, server: order.server)
    let what = "drill \(status.id), \(order.text)"
    recorder.note(
      "drill-began", .warning, service: order.service, server: order.server,
      "\(name): \(what), by order" + (status.forced ? ", though it is not safe" : ""))
    recorder.handle(.drillBegan(name, "in \(what)"))
    guard let actions = drills.running?.machine.beginning else { return }
    carryOut(actions, order)
    watchDrill()
  }

  func stopDrill(_ name: String) -> AdminAnswer {
    guard let running = drills.running, "\(running.number)" == name else {
      return .notFound("drill \(name) under way")
    }
    tellDrill(.stopped)
    return drillStatus(name).map { .json($0) } ?? .notFound("drill \(name)")
  }

  // MARK: What happens

  func tellDrill(_ event: DrillMachine.Event) {
    guard var running = drills.running else { return }
    let actions = running.machine.handle(event, now: Clock.now)
    drills.running = running
    carryOut(actions, running.machine.order)
  }

  /// Something took the server out.
  func drilledServer(_ name: ServerName, isLeftOut cause: String) {
    guard let order = drills.running?.machine.order, order.service == name.service,
      order.server == name.server
    else { return }
    tellDrill(.leftOut(by: cause))
  }

  /// The keeper's answer.
  func replicaDrilled(_ replica: String, _ problem: String?) {
    guard let order = drills.running?.machine.order, order.server == replica,
      order.kind.needsProcess
    else { return }
    tellDrill(problem.map { .refused($0) } ?? .carriedOut)
  }

  private func carryOut(_ actions: [DrillMachine.Action], _ order: DrillOrder) {
    for action in actions {
      switch action {
      case .inject: inject(order)
      case .undo: undo(order)
      case .finish: finishDrill()
      }
    }
  }

  private func inject(_ order: DrillOrder) {
    let effect: AnswerDrill.Effect
    switch order.kind {
    case .kill: return tell(.drill(replica: order.server, .kill))
    case .hang:
      return tell(
        .drill(replica: order.server, .freeze(milliseconds: order.span.milliseconds)))
    case .slow: effect = .slow(order.delay)
    case .errors: effect = .errors
    }
    let name = ServerName(service: order.service, server: order.server)
    guard let id = identities.knownServer(name) else {
      return tellDrill(.refused("\(name) has never been served"))
    }
    dataPlane.drill(
      AnswerDrill(server: id, effect: effect, share: order.share, until: Clock.now + order.span))
    tellDrill(.carriedOut)
  }

  private func undo(_ order: DrillOrder) {
    switch order.kind {
    case .kill: break
    case .hang: tell(.drill(replica: order.server, .thaw))
    case .slow, .errors: dataPlane.drill(nil)
    }
  }

  /// Looks until it is over.
  private func watchDrill() {
    reactor.schedule(after: DrillKeeping.beat) {
      guard self.drills.running != nil else { return }
      self.tellDrill(.tick)
      self.lookAtDrill()
      self.watchDrill()
    }
  }

  private func lookAtDrill() {
    guard let running = drills.running, !running.isAsking else { return }
    drills.running?.isAsking = true
    Task {
      let order = running.machine.order
      let (counters, isWell) = await lookAt(order.service, order.server)
      guard drills.running?.number == running.number else { return }
      drills.running?.isAsking = false
      drills.running?.latest = counters
      if isWell { tellDrill(.well) }
    }
  }

  private func drillCounters(_ service: String) async -> DrillKeeping.Counters {
    await lookAt(service, "").0
  }

  /// The service's counters, and whether the server takes its share at every worker.
  private func lookAt(
    _ service: String, _ name: String
  ) async -> (DrillKeeping.Counters, isWell: Bool) {
    let asked = Clock.now
    let reports = await dataPlane.reports()
    let sample = TrafficSample(at: asked, reports)
    var counters = DrillKeeping.Counters()
    counters.drilled = reports.reduce(0) { $0 &+ $1.drilled }
    if let id = identities.knownService(service) {
      counters.service = sample.services[id.index] ?? counters.service
    }
    let server = snapshot.services.first { $0.name == service }?
      .servers.first { $0.name == name }
    let avoidedBy = server.flatMap { sample.servers[$0.id.index]?.avoidedBy } ?? 0
    // What is about to be published counts already.
    let isWell =
      server.map { $0.health == .healthy && $0.takesNewWork && avoidedBy == 0 } ?? false
      && !isPublishPlanned
    return (counters, isWell)
  }

  // MARK: Ends

  private func finishDrill() {
    guard let running = drills.running, running.machine.isOver else { return }
    let order = running.machine.order
    Task {
      let counters = await drillCounters(order.service)
      guard drills.running?.number == running.number else { return }
      drills.running?.latest = counters
      guard let last = drills.running else { return }
      drills.running = nil
      end(order, Self.status(last))
    }
  }

  private func end(_ order: DrillOrder, _ status: DrillStatus) {
    var status = status
    status.ended = Clock.wallTime
    drills.keep(status)
    let name = ServerName(service: order.service, server: order.server)
    recorder.note(
      "drill-ended", service: order.service, server: order.server,
      "\(name): drill \(status.id) is over, \(status.state.rawValue): \(status.sentence)")
    recorder.handle(.drillEnded(name))
    decided("drill.end", "\(name)", because: "drill \(status.id) is \(status.state.rawValue)")
    recorder.writer.write(.value(nil, key: RecalledState.drillKey))
    recorder.writer.write(
      .value(RecalledState.encode(drills.reports), key: RecalledState.drillReportsKey))
  }

  /// A drill that the engine before this one left is undone, whatever it had come to.
  func recallDrills() {
    drills.reports = recalled.drillReports
    drills.latest = recalled.drillReports.map(\.id).max() ?? 0
    guard let kept = recalled.drill else { return }
    drills.latest = max(drills.latest, kept.status.id)
    for action in DrillMachine.leftBehind(kept.order) where action == .undo { undo(kept.order) }
    var status = kept.status
    status.state = .interrupted
    status.reason = "the engine ended in the middle"
    end(kept.order, status)
  }

  // MARK: Looking

  /// Newest first.
  var drillStatuses: [DrillStatus] {
    (drills.running.map { [Self.status($0)] } ?? []) + drills.reports.reversed()
  }

  func drillStatus(_ name: String) -> DrillStatus? {
    drillStatuses.first { "\($0.id)" == name }
  }

  private static func status(_ running: DrillKeeping.Running) -> DrillStatus {
    var status = running.status
    let machine = running.machine
    if let end = machine.end {
      status.state = DrillStatus.State(rawValue: end.rawValue) ?? .done
    } else {
      status.state = machine.undone == nil ? .running : .recovering
    }
    status.reason = machine.reason
    let (now, before) = (running.latest, running.before)
    func count(_ path: KeyPath<TrafficSample.Service, UInt64>) -> Int {
      Int(clamping: now.service[keyPath: path] &- before.service[keyPath: path])
    }
    status.measured = DrillStatus.Outcome(
      detectedAfter: machine.leftOut.map { ($0.at - machine.began).seconds },
      detectedBy: machine.leftOut?.by, requests: count(\.requests), failed: count(\.failures),
      retried: count(\.retries), drilled: Int(clamping: now.drilled &- before.drilled),
      recoveredAfter: machine.recovered.flatMap { recovered in
        machine.undone.map { max(recovered - $0, .zero).seconds }
      })
    return status
  }
}

extension DrillStatus.Forecast {
  init(_ forecast: DrillForecast) {
    self.init(
      detectedWithin: forecast.detectedWithin?.seconds, detectedBy: forecast.detectedBy,
      failedAtMost: forecast.failedAtMost, recoveredWithin: forecast.recoveredWithin?.seconds)
  }
}

extension DrillStatus {
  /// For the event.
  var sentence: String {
    guard let measured else { return reason ?? "" }
    func seconds(_ value: Double?) -> String {
      value.map { "\(TimeSpan.milliseconds(Int64(min(max($0, 0), 1e9) * 1_000)))" } ?? "never"
    }
    return
      "left out after \(seconds(measured.detectedAfter)), \(measured.failed) of "
      + "\(measured.requests) requests failed, \(measured.retried) were tried again, well again "
      + "after \(seconds(measured.recoveredAfter))"
  }
}
