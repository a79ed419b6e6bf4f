import Primitives

/// Services as wholes.
extension FaultLedger {
  mutating func serviceDown(_ service: String, now: WallTime, _ output: inout Output) {
    let subject = Subject.service(service)
    if let outage = open[subject] {
      guard outage.record.recovered != nil else { return }
      note(
        "service-down", .error, service: service, "\(service) is down again", now: now, &output)
      comeBack(subject, cause: "no healthy server takes work", now: now, &output)
      return gather(service, now: now, &output)
    }
    let cause = outageCause(service)
    note(
      "service-down", .error, service: service, "\(service) is down: \(cause)", now: now, &output)
    guard begin(subject, .serviceDown, cause: cause, began: now, now: now, &output) else { return }
    gather(service, now: now, &output)
  }

  private func outageCause(_ service: String) -> String {
    let servers = open.values.filter {
      $0.record.service == service && $0.record.server != nil && $0.record.recovered == nil
    }.map(\.record).sorted { $0.id < $1.id }
    let reasons = servers.prefix(5).map { "\($0.server ?? ""): \($0.cause)" }
    let more = servers.count > 5 ? " and \(servers.count - 5) more" : ""
    return reasons.isEmpty
      ? "no healthy server takes work"
      : "no healthy server takes work (\(reasons.joined(separator: "; "))\(more))"
  }

  /// Where one thing is wrong with the servers, the outage follows from it. Where several are, those
  /// of them that came together, and are of this service only, are parts of the outage.
  private mutating func gather(_ service: String, now: WallTime, _ output: inout Output) {
    let roots = roots(ofServersOf: service)
    guard roots.count > 1 else { return placeOutage(of: service, now: now, &output) }
    let parts = servers[service, default: []].map {
      Subject.server(ServerName(service: service, server: $0))
    }.filter { subject in
      guard let fault = open[subject], fault.record.recovered == nil else { return false }
      return fault.record.parent == nil && now - fault.since <= Self.foldWindow
    }
    adopt(inOrder(parts), under: .service(service), now: now, &output)
  }

  mutating func serviceUp(_ service: String, now: WallTime, _ output: inout Output) {
    guard let outage = open[.service(service)], outage.record.recovered == nil else { return }
    note("service-up", .info, service: service, "\(service) takes work again", now: now, &output)
    recover(.service(service), action: "a server takes work again", now: now, &output)
  }

  mutating func serviceUnwanted(_ service: String, now: WallTime, _ output: inout Output) {
    guard open[.service(service)] != nil else { return }
    note("service-idle", .info, service: service, "\(service) has no work to do", now: now, &output)
    resolve(.service(service), action: "no server is wanted any more", now: now, &output)
  }

  // MARK: Deployments

  mutating func deploymentWentBack(
    _ service: String, _ name: String, cause: String, _ replicas: Set<String>, now: WallTime,
    _ output: inout Output
  ) {
    let subject = Subject.deployment(service)
    // The one before was never made good.
    resolve(subject, action: "followed by \(name)", now: now, &output)
    guard
      begin(
        subject, .deploymentFailed, cause: "\(name): \(cause)", began: now, now: now,
        actions: ["the former revision is brought back"], &output)
    else { return }
    open[subject]?.record.subject = name
    open[subject]?.replicas = replicas
    let parts = replicas.map { Subject.server(ServerName(service: service, server: $0)) }
      .filter { open[$0] != nil }
    let began = parts.compactMap { open[$0]?.record.began }.min() ?? now
    change(subject, &output) { $0.record.began = min($0.record.began, began) }
    adopt(inOrder(parts), under: subject, now: now, &output)
    placeOutage(of: service, now: now, &output)
  }

  mutating func deploymentEnded(
    _ service: String, _ end: DeploymentEnd, now: WallTime, _ output: inout Output
  ) {
    let subject = Subject.deployment(service)
    switch end {
    case .succeeded: resolve(subject, action: "a deployment is complete", now: now, &output)
    case .rolledBack:
      resolve(subject, action: "the former revision serves again", now: now, &output)
    case .failed(let name, let cause):
      guard open[subject] == nil else {
        return act(subject, "it could not be taken back: \(cause)", now: now, &output)
      }
      guard
        begin(
          subject, .deploymentFailed, cause: "\(name): \(cause)", began: now, now: now, &output)
      else { return }
      change(subject, &output) { $0.record.subject = name }
    }
  }

  // MARK: Strain

  /// Saturation and burning budgets follow from an open fault of the service, if there is one.
  mutating func strainBegan(
    _ subject: Subject, _ type: FaultRecord.Kind, cause: String, now: WallTime,
    _ output: inout Output
  ) {
    guard open[subject] == nil else {
      return comeBack(subject, cause: cause, now: now, &output)
    }
    let about = Self.about(subject)
    note(
      type.rawValue, .warning, service: about.service,
      "\(about.service): \(about.subject.map { "\($0): " } ?? "")\(cause)", now: now, &output)
    let parent =
      open[.service(about.service)]?.record.root ?? open[.servers(of: about.service)]?.record.root
      ?? roots(ofServersOf: about.service).min()
    begin(subject, type, cause: cause, began: now, now: now, parent: parent, &output)
  }

  mutating func strainEnded(
    _ subject: Subject, _ action: String, now: WallTime, _ output: inout Output
  ) {
    guard let fault = open[subject], fault.record.recovered == nil else { return }
    note(
      "\(fault.record.type.rawValue)-ended", .info, service: fault.record.service,
      "\(fault.record.service): \(action)", now: now, &output)
    recover(subject, action: action, now: now, &output)
  }
}
