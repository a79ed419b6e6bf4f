import AdminAPI
import Configuration
import Deployment
import Primitives
import Store
import Supervision

/// What operators order: another version, a former one, the next step, the way back.
extension ControlPlane {
  /// It holds until the file names another `run` than it does now.
  func deploy(_ service: String, _ request: AdminRequest) -> AdminAnswer {
    guard let order = AdminJSON.decode(DeployRequest.self, request.body) else {
      return .error(400, "invalid", #"the body must be like {"version":"2.0"}"#)
    }
    guard let settings = input.settings.services.first(where: { $0.name == service }) else {
      return .notFound("service \(service)")
    }
    guard var run = settings.run, replicaSets[service] != nil else { return notRun(service) }
    for text in [order.version, order.image].compactMap({ $0 }) where !Self.isLabel(text) {
      return .error(400, "invalid", "a version and an image are short printable texts")
    }
    if let version = order.version, !Self.isWithinFolder(version) {
      return .error(
        400, "invalid", "a version is part of paths: it begins with no / and has no .. in it")
    }
    if order.version != nil, order.image == nil, !run.usesVersion {
      return .error(
        409, "conflict",
        "nothing in the `run` of \(service) depends on its version: write ${VERSION} in its "
          + "command, directory, environment or image")
    }
    if let image = order.image {
      guard run.container != nil else {
        return .error(409, "conflict", "\(service) runs processes, which have no image")
      }
      run.container?.image = image
    }
    run.version = order.version ?? run.version
    return start(
      ReplicaTemplate(service, run), service, .deploy, plan: settings.deploy,
      supersedes: order.supersede ?? false, by: request.author)
  }

  /// To a former revision; a deployment under way goes back instead.
  func rollBack(_ service: String, _ request: AdminRequest) -> AdminAnswer {
    guard let order = AdminJSON.decode(DeploymentRollback.self, request.body) else {
      return .error(400, "invalid", #"the body must be like {} or {"to":12}"#)
    }
    guard isService(service) else { return .notFound("service \(service)") }
    guard let state = replicaSets[service]?.machine.state else { return notRun(service) }
    if order.to == nil, state.deployment != nil {
      return goBack(service, "rolled back by \(request.author ?? "an operator")")
    }
    let program = state.current.map { DeploymentMachine.program(of: $0) }
    let target = deploymentHistory.records.last { record in
      guard record.service == service else { return false }
      if let number = order.to { return record.number == number }
      return [DeploymentResult.succeeded.rawValue, DeploymentHistory.started]
        .contains(record.state)
        && DeploymentMachine.program(of: record.revision) != program
    }
    guard let target else {
      return .error(
        409, "conflict",
        order.to.map { "\(service) has no deployment \($0)" }
          ?? "\(service) has run nothing else yet that is kept")
    }
    guard let spec = AdminJSON.decode(ReplicaSpec.self, Array(target.program.utf8)) else {
      return .error(409, "conflict", "how its revision is started is not kept")
    }
    return start(
      ReplicaTemplate(adopting: spec), service, .rollback, plan: deployPlan(of: service).back,
      supersedes: true, by: request.author)
  }

  func promoteDeployment(_ service: String) -> AdminAnswer {
    guard isService(service) else { return .notFound("service \(service)") }
    guard let deployment = replicaSets[service]?.machine.state.deployment else {
      return noDeployment(service)
    }
    switch deployment.phase {
    case .watching, .paused: break
    case .starting:
      return .error(409, "conflict", "\(service): its new replicas are not ready yet")
    case .finishing, .rollingBack:
      return .error(409, "conflict", "\(service): its deployment has nothing to wait for")
    }
    handle(service, .promote)
    return ordered(service, "it goes on")
  }

  func abort(_ service: String, _ request: AdminRequest) -> AdminAnswer {
    guard let order = AdminJSON.decode(DeploymentAbort.self, request.body) else {
      return .error(400, "invalid", #"the body must be like {} or {"reason":"…"}"#)
    }
    guard isService(service) else { return .notFound("service \(service)") }
    guard replicaSets[service]?.machine.state.deployment != nil else {
      return noDeployment(service)
    }
    let reason = order.reason.map { ": \($0.prefix(AdminLimits.authorLength))" } ?? ""
    return goBack(service, "aborted by \(request.author ?? "an operator")\(reason)")
  }

  private func goBack(_ service: String, _ reason: String) -> AdminAnswer {
    takenBackByOrder = service
    handle(service, .abort(reason: reason))
    takenBackByOrder = nil
    return ordered(service, "it goes back")
  }

  private func start(
    _ template: ReplicaTemplate, _ service: String, _ kind: DeploymentRequest.Kind,
    plan: DeploymentPlan, supersedes: Bool, by author: String?
  ) -> AdminAnswer {
    guard let state = replicaSets[service]?.machine.state else { return notRun(service) }
    let revision = template.fingerprint
    if state.deployment == nil, state.current == revision {
      return .json(
        DeploymentOrder(
          service: service, state: .unchanged, number: nil,
          message: "\(service) runs \(name(revision, service)) already"), status: 202)
    }
    if let waiting = state.waiting, waiting.revision != revision, !supersedes {
      return .error(
        409, "conflict",
        "\(name(waiting.revision, service)) waits already for the end of the deployment under way: "
          + "abort that one, or order with `supersede`")
    }
    replicaSets[service]?.learn(template)
    let request = DeploymentRequest(
      revision: revision, kind: kind, plan: plan, by: author ?? "operator")
    handle(service, .requested(request, supersedes: supersedes))
    let now = replicaSets[service]?.machine.state
    guard now?.waiting?.revision == revision else {
      return ordered(service, "the deployment of \(name(revision, service)) is under way")
    }
    return .json(
      DeploymentOrder(
        service: service, state: .waits, number: deploymentHistory.ongoing(service)?.number,
        message: "\(service): another deployment has to end first"), status: 202)
  }

  private func ordered(_ service: String, _ what: String) -> AdminAnswer {
    .json(
      DeploymentOrder(
        service: service, state: .began, number: deploymentHistory.ongoing(service)?.number,
        message: "\(service): \(what)"), status: 202)
  }

  private func noDeployment(_ service: String) -> AdminAnswer {
    .error(409, "conflict", "no deployment of \(service) is under way")
  }

  private static func isLabel(_ text: String) -> Bool {
    (1...Self.longestLabel).contains(text.utf8.count)
      && text.utf8.allSatisfy { $0 > 32 && $0 != 127 }
  }

  /// Bytes of a version or an image.
  /// Whoever may order a version chooses none of the machine's programs with it, wherever the file writes
  /// `${VERSION}`.
  static func isWithinFolder(_ version: String) -> Bool {
    !version.hasPrefix("/") && !version.split(separator: "/").contains("..")
  }

  private static let longestLabel = 256
}
