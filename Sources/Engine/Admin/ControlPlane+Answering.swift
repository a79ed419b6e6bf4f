import AdminAPI
import Configuration
import EventLoop
import Faults
import Guarding
import Primitives
import Store
import Topology

/// Answers the admin API.
extension ControlPlane {
  func serve(_ connection: UInt64, _ asked: AdminRequest) async {
    if asked.peer.isPublic {
      let answer = await answerPublicly(asked)
      admin[connection]?.answer(answer)
      return
    }
    var request = asked
    if !isRetired { identify(&request) }
    let answer = await answer(request)
    // The client may have gone meanwhile.
    guard let connection = admin[connection] else { return }
    connection.credential = request.credential
    connection.answer(answer)
    if case .stream(.live(let scope)) = answer.content {
      connection.push(AdminJSON.event("status", liveStatus(scope)))
    } else if case .stream(.events) = answer.content {
      // The first bytes tell the client that the stream stands.
      connection.push(Array(": following\n\n".utf8))
    }
  }

  private func answer(_ request: AdminRequest) async -> AdminAnswer {
    if isRetired {
      return .error(503, "unavailable", "another engine has taken over: ask again")
    }
    if let reason = AdminGuard(address: loaded.settings.admin.address, hosts: adminHosts).refusal(
      request)
    {
      return .error(403, "forbidden", reason)
    }
    if backups.isRestoring, request.changesState {
      return .error(503, "unavailable", "the state is being restored: ask again")
    }
    switch router.match(request.method, request.segments) {
    case .unknown: return .notFound("/\(request.segments.joined(separator: "/"))")
    case .wrongMethod(let allowed):
      var answer = AdminAnswer.error(
        405, "method-not-allowed", "this takes \(allowed.joined(separator: ", "))")
      answer.headers.append(("Allow", allowed.joined(separator: ", ")))
      return answer
    case .found(let endpoint, let names):
      if let refusal = endpoint.refusal(to: request.actor) {
        auditRefusal(endpoint, names, request, refusal)
        return refusal
      }
      guard endpoint == .signIn || request.isIntended else {
        return .error(
          403, "csrf", "a change by a session carries its X-Ballast-CSRF: see GET /v1/session")
      }
      if let action = endpoint.auditedAs { return await audited(action, endpoint, names, request) }
      return await answer(endpoint, names, request)
    }
  }

  func answer(
    _ endpoint: Endpoint, _ names: [String], _ request: AdminRequest
  ) async -> AdminAnswer {
    let name = names.first ?? ""
    switch endpoint {
    case .session: return .json(sessionStatus(request))
    case .signIn: return await kept(signIn(request))
    case .signOut: return await kept(signOut(request))
    case .changePassword: return await kept(changePassword(request))
    case .users: return .json(userStatuses)
    case .addUser: return await kept(addUser(request))
    case .changeUser: return await kept(changeUser(name, request))
    case .removeUser: return await kept(removeUser(name, request))
    case .tokens: return .json(tokenStatuses(for: request.actor))
    case .addToken: return await kept(addToken(request))
    case .removeToken: return await kept(removeToken(name, request))
    case .status: return .json(engineStatus)
    case .services: return .json(serviceStatuses)
    case .service: return await detail(name)
    case .history:
      guard isService(name) else { return .notFound("service \(name)") }
      return .json(identities.knownService(name).map { history.points(of: $0) } ?? [])
    case .trafficSeries: return trafficSeries(request)
    case .availability: return await availability(name, request)
    case .scale: return await kept(scale(name, request))
    case .tune: return await kept(tune(name, request))
    case .restart: return await kept(restartReplicas(name))
    case .logs: return await logs(name, request)
    case .servers: return .json(serverStatuses(service: request.first("service")))
    case .server:
      let name = ServerName(service: name, server: names.last ?? "")
      return serverStatus(name).map { .json($0) } ?? .notFound("server \(name)")
    case .changeServer:
      return await kept(changeServer(ServerName(service: name, server: names.last ?? ""), request))
    case .promote:
      return await promote(ServerName(service: name, server: names.last ?? ""), request)
    case .routes: return .json(routeStatuses)
    case .listeners: return .json(listenerStatuses)
    case .replicas: return .json(replicaStatuses(of: request.first("service")))
    case .certificates: return .json(certificateStatuses)
    case .deployments: return .json(deploymentStatuses(of: request.first("service")))
    case .deployment:
      guard let record = Int64(name).flatMap({ deploymentHistory.record($0) }) else {
        return .notFound("deployment \(name)")
      }
      return .json(status(of: record))
    case .deploy: return await kept(deploy(name, request))
    case .rollBack: return await kept(rollBack(name, request))
    case .promoteDeployment: return await kept(promoteDeployment(name))
    case .abortDeployment: return await kept(abort(name, request))
    case .eventSinks: return .json(await eventSinkStatuses)
    case .bans: return .json(banStatuses)
    case .ban: return await kept(ban(request))
    case .unban: return await kept(unban(name))
    case .drills: return .json(drillStatuses)
    case .drill: return drillStatus(name).map { .json($0) } ?? .notFound("drill \(name)")
    case .orderDrill: return await orderDrill(name, request)
    case .stopDrill: return stopDrill(name)
    case .backup: return await backup()
    case .backups: return .json(backupStatuses)
    case .beginRestore: return await beginRestore()
    case .restorePiece: return await takePiece(name, request)
    case .restore: return await restore(name, request)
    case .dropRestore: return dropRestore(name)
    case .alerts: return alertStatuses(request)
    case .alertChannels: return .json(alertChannelStatuses)
    case .alertLog: return await alertLog(request)
    case .alert: return await alertDetail(name)
    case .testChannel: return await testChannel(request)
    case .acknowledgeAlerts: return await kept(acknowledgeAlerts(request))
    case .silences: return .json(silenceStatuses)
    case .silence: return await kept(silence(request))
    case .unsilence: return await kept(unsilence(name, request))
    case .explain: return await explain(request)
    case .request: return await trace(name)
    case .faults: return await faults(request)
    case .faultSummary: return await faultSummary()
    case .faultMonths: return await faultMonths(request)
    case .exportFaults: return await exportFaults(request)
    case .fault: return await fault(name)
    case .faultReport: return await faultReport(name)
    case .faultTimeline: return await faultTimeline(name)
    case .resolveFault: return await kept(resolveFault(name, request))
    case .acknowledgeFault: return await kept(acknowledgeFault(name, request))
    case .changeFault: return await kept(changeFault(name, request))
    case .audit: return await auditEntries(request)
    case .auditEntry: return await auditEntry(name)
    case .auditHead: return await auditHead()
    case .verifyAudit, .compareAudit: return await verifyAudit(request)
    case .events: return await events(request)
    case .live: return AdminAnswer(stream: .live(liveScope(request)))
    case .configuration: return .json(configurationStatus)
    case .plan: return await plan(request)
    case .applyConfiguration: return await applyTexts(request)
    case .configurationHistory: return await configurationHistory()
    case .configurationEntry: return await configurationEntry(name)
    case .rollBackConfiguration: return await rollBackConfiguration(name, request)
    case .configurationValue: return configurationValue(request)
    case .setConfigurationValue: return await setConfigurationValue(request)
    case .saveConfiguration: return configurationAnswer(await save(), refused: (409, "conflict"))
    case .reloadConfiguration:
      return configurationAnswer(await reload(by: request.author), refused: (422, "invalid"))
    case .upgrade: return .json(upgradeStatus)
    case .orderUpgrade: return await orderUpgrade()
    case .openapi: return .json(OpenAPIDocument.make(version: BallastVersion.current))
    case .healthz: return .text("ok\n")
    case .readyz:
      if drain != nil { return .error(503, "draining", "this engine drains") }
      return isServing ? .text("ready\n") : .error(503, "unavailable", "not serving yet")
    case .metrics: return await metrics(request)
    case .page: return DashboardFile.html.answer
    case .style: return DashboardFile.style.answer
    case .script: return DashboardFile.script.answer
    case .icon: return DashboardFile.icon.answer
    }
  }

  /// What is answered as done is on the disk, so that it survives whatever comes next.
  private func kept(_ answer: AdminAnswer) async -> AdminAnswer {
    await recorder.writer.flush()
    return answer
  }

  func isService(_ name: String) -> Bool {
    input.settings.services.contains { $0.name == name }
  }

  // MARK: Changes

  private func scale(_ service: String, _ request: AdminRequest) -> AdminAnswer {
    guard isService(service) else { return .notFound("service \(service)") }
    guard let order = AdminJSON.decode(ScaleRequest.self, request.body) else {
      return .error(400, "invalid", #"the body must be like {"replicas":3}"#)
    }
    guard (0...Self.mostReplicas).contains(order.replicas) else {
      return .error(400, "invalid", "replicas must be 0 to \(Self.mostReplicas)")
    }
    guard runs(service) else { return notRun(service) }
    if scalers[service] != nil {
      if let refusal = self.order(service, replicas: order.replicas) {
        return .error(409, "conflict", "\(service): \(refusal)")
      }
    } else {
      scale(service, to: order.replicas)
    }
    return serviceStatus(service).map { .json($0, status: 202) } ?? .notFound("service \(service)")
  }

  private func tune(_ service: String, _ request: AdminRequest) -> AdminAnswer {
    guard isService(service) else { return .notFound("service \(service)") }
    guard let order = AdminJSON.decode(TuneRequest.self, request.body) else {
      return .error(400, "invalid", #"the body must be {"action":"on"}, "off" or "reset""#)
    }
    guard tuners[service] != nil else {
      return .error(409, "conflict", "the weights of \(service) are not tuned: it has no `tune`")
    }
    orderTuning(service, order.action)
    return tuneStatus(of: service).map { .json($0) } ?? .notFound("service \(service)")
  }

  private func restartReplicas(_ service: String) -> AdminAnswer {
    guard isService(service) else { return .notFound("service \(service)") }
    guard runs(service) else { return notRun(service) }
    restart(service)
    return serviceStatus(service).map { .json($0, status: 202) } ?? .notFound("service \(service)")
  }

  private func runs(_ service: String) -> Bool {
    input.settings.services.contains { $0.name == service && $0.run != nil }
  }

  func notRun(_ service: String) -> AdminAnswer {
    .error(409, "conflict", "Ballast does not run \(service) itself: it has no `run`")
  }

  static var mostReplicas: Int { 1_000 }
  static var mostWeight: Int { 1_000 }

  private func changeServer(_ name: ServerName, _ request: AdminRequest) -> AdminAnswer {
    guard let status = serverStatus(name) else { return .notFound("server \(name)") }
    guard let change = AdminJSON.decode(ServerChange.self, request.body) else {
      return .error(400, "invalid", #"the body must be like {"state":"draining","weight":2}"#)
    }
    var condition = input.condition(of: name)
    if let text = change.state {
      guard let state = Server.Availability(rawValue: text) else {
        return .error(400, "invalid", "state must be ready, draining or maintenance")
      }
      condition.availability = state
    }
    if let weight = change.weight {
      guard (0...Self.mostWeight).contains(weight) else {
        return .error(400, "invalid", "weight must be 0 to \(Self.mostWeight)")
      }
      condition.weight = weight
    }
    guard condition != input.condition(of: name) else { return .json(status) }
    input.conditions[name] = condition
    let state = condition.availability
    recorder.writer.write(
      .serverOverride(
        name,
        ServerOverride(state: state == .ready ? nil : state.rawValue, weight: condition.weight)))
    let weight = condition.weight.map { ", weight \($0)" } ?? ""
    recorder.note(
      "server-changed", service: name.service, server: name.server,
      "\(name) is \(state.rawValue) now\(weight)")
    publish()
    return serverStatus(name).map { .json($0) } ?? .notFound("server \(name)")
  }

  // MARK: Configuration

  private func configurationValue(_ request: AdminRequest) -> AdminAnswer {
    guard let path = request.first("path"), !path.isEmpty else {
      return .error(400, "invalid", "?path= is missing")
    }
    guard let value = value(at: path) else {
      return .error(404, "not-found", "the configuration has nothing at \(path)")
    }
    return .json(ConfigurationValue(path: path, value: value))
  }

  private func setConfigurationValue(_ request: AdminRequest) async -> AdminAnswer {
    guard let value = AdminJSON.decode(ConfigurationValue.self, request.body) else {
      return .error(400, "invalid", #"the body must be like {"path":"…","value":"…"}"#)
    }
    return configurationAnswer(
      await set(value, by: request.author), refused: (422, "invalid"))
  }

  private func configurationAnswer(
    _ result: Result<Void, ConfigurationRefusal>, refused: (status: Int, code: String)
  ) -> AdminAnswer {
    switch result {
    case .success: .json(configurationStatus)
    case .failure(let refusal):
      .error(refused.status, refused.code, refusal.message, details: refusal.details)
    }
  }

  // MARK: Logs

  private func logs(_ service: String, _ request: AdminRequest) async -> AdminAnswer {
    guard isService(service) else { return .notFound("service \(service)") }
    guard runs(service) else { return notRun(service) }
    let replica = request.first("replica")
    let files = logFiles(of: service)
    if let replica, !files.contains(where: { $0.replica == replica }) {
      return .notFound("replica \(replica)")
    }
    guard let lines = number(request, "lines", default: 100, in: 0...100_000) else {
      return .error(400, "invalid", "lines must be 0 to 100000")
    }
    let follow = isSet(request, "follow")
    // Megabytes may have to be read: not on the loop.
    let (tail, bytes) = await Task.detached { () -> (LogTail, [UInt8]) in
      var tail = LogTail(service: service, replica: replica)
      var bytes = tail.last(lines, of: files)
      if !follow { bytes += tail.rest() }
      return (tail, bytes)
    }.value
    guard follow else {
      return AdminAnswer(contentType: AdminStream.logs(tail).contentType, body: bytes)
    }
    var answer = AdminAnswer(stream: .logs(tail))
    answer.beginning = bytes
    return answer
  }

  // MARK: Parameters

  /// Nil when it is there and wrong.
  func number(
    _ request: AdminRequest, _ name: String, default usual: Int, in range: ClosedRange<Int>
  ) -> Int? {
    guard let text = request.first(name) else { return usual }
    return Int(text).flatMap { range.contains($0) ? $0 : nil }
  }

  func isSet(_ request: AdminRequest, _ name: String) -> Bool {
    guard let value = request.first(name) else { return false }
    return value != "false" && value != "0"
  }
}
