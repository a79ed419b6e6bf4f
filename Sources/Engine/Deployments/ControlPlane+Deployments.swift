import Audit
import Configuration
import Deployment
import EventLoop
import Faults
import Primitives
import Store
import Supervision
import Topology

/// What a service's deployments need beyond its replicas: their state kept, their traffic measured,
/// their story told.
extension ControlPlane {
  func deployPlan(of service: String) -> DeploymentPlan {
    input.settings.services.first { $0.name == service }?.deploy ?? DeploymentPlan()
  }

  // MARK: Kept over engines

  /// Before anything that was decided is seen outside.
  func keepDeployments() {
    let state = loaded.settings.state.path
    let kept = replicaSets.mapValues { set in
      let used = set.machine.revisions
      return KeptDeployment(
        state: set.machine.state,
        templates: set.templates.filter { used.contains($0.key) }.mapValues { $0.kept(in: state) })
    }
    recorder.writer.write(
      .value(RecalledState.encode(kept), key: RecalledState.deploymentsKey))
  }

  /// What the engine before this one, or the Ballast before, had decided.
  func recallDeployments() {
    for service in loaded.settings.services where service.run != nil {
      guard let kept = recalled.deployments[service.name] else { continue }
      var set = replicaSets[service.name] ?? ReplicaSet(service: service.name)
      _ = set.machine.handle(.restored(kept.state), now: Clock.now)
      for spec in kept.templates.values { set.learn(adopting: spec) }
      replicaSets[service.name] = set
    }
    recallHistory()
  }

  // MARK: Measured

  /// Once a second, after a sample.
  func followDeployments(_ sample: TrafficSample) {
    for service in replicaSets.keys.sorted() {
      guard var set = replicaSets[service], set.machine.isRolling,
        let id = identities.knownService(service)
      else { continue }
      let new = set.newReplicas
      let servers = set.machine.replicas.compactMap { replica in
        identities.knownServer(ServerName(service: service, server: replica.name)).map {
          (index: $0.index, isNew: new.contains(replica.name))
        }
      }
      let limit = input.settings.services.first { $0.name == service }?.limits.requests ?? 0
      let measured = set.traffic.add(sample, service: id.index, servers: servers, limit: limit)
      set.measured = measured
      replicaSets[service] = set
      handle(service, .measured(measured))
    }
  }

  // MARK: Told

  func take(_ note: DeploymentNote, _ service: String) {
    switch note {
    case .began(let deployment):
      recordBeginning(deployment, service)
      decided(
        "deployment.begin", service, before: ["revision": .text(deployment.from)],
        after: ["revision": .text(deployment.to)],
        because: "\(words(deployment, service)), \(deployment.plan.strategy.rawValue), by "
          + deployment.request.by)
      recorder.note(
        "deployment", service: service,
        "\(service): \(words(deployment, service)), \(deployment.plan.strategy.rawValue)")
    case .came(_, let words):
      recorder.note("deployment", service: service, "\(service): \(words)")
    case .paused(let deployment):
      noteInRecord(service, reason: deployment.reason, lines: [])
      let why = deployment.reason.map { ": \($0)" } ?? ""
      recorder.note(
        "deployment-paused", .warning, service: service,
        "\(service): the deployment waits for promote or abort at step \(deployment.step + 1)\(why)"
      )
    case .goesBack(let deployment):
      recorder.note(
        "deployment-rollback", .warning, service: service,
        "\(service): back to \(name(deployment.from, service)): \(deployment.reason ?? "")")
      recordFailure(deployment, service)
      tellLastLines(of: service, deployment)
      decided(
        "deployment.rollback", service, before: ["revision": .text(deployment.to)],
        after: ["revision": .text(deployment.from)], because: deployment.reason)
    case .ended(let deployment, let result):
      endRecord(
        service, result, deployment.reason,
        lines: result == .failed ? replicaSets[service]?.lastLines ?? [] : [])
      deploymentCounts[DeploymentCount(service: service, result: result.rawValue), default: 0] += 1
      let severity: EventRecord.Severity = result == .succeeded ? .info : .warning
      let why = deployment.reason.map { ": \($0)" } ?? ""
      recorder.note(
        "deployment-ended", severity, service: service,
        "\(service): \(words(deployment, service)) \(Self.words(result))\(why)")
      recordEnd(deployment, result, service)
      decided(
        "deployment.end", service,
        after: [
          "revision": .text(result == .succeeded ? deployment.to : deployment.from),
          "result": .text(result.rawValue),
        ], result: result == .succeeded ? .done : .failed,
        because: "\(words(deployment, service)) \(Self.words(result))\(why)")
    }
  }

  /// One that an operator takes back has done nothing wrong.
  private func recordFailure(_ deployment: OngoingDeployment, _ service: String) {
    guard takenBackByOrder != service, deployment.reason != DeploymentMachine.superseded else {
      return
    }
    recorder.handle(
      .deploymentWentBack(
        service: service, name: name(deployment.to, service),
        cause: deployment.reason ?? "no reason is known",
        servers: replicaSets[service]?.newReplicas ?? []))
  }

  private func recordEnd(
    _ deployment: OngoingDeployment, _ result: DeploymentResult, _ service: String
  ) {
    let end: FaultLedger.DeploymentEnd =
      switch result {
      case .succeeded: .succeeded
      case .rolledBack: .rolledBack
      case .failed:
        .failed(
          name: name(deployment.to, service), cause: deployment.reason ?? "no reason is known")
      }
    recorder.handle(.deploymentEnded(service: service, end))
  }

  func words(_ deployment: OngoingDeployment, _ service: String) -> String {
    switch deployment.request.kind {
    case .restart: "the restart of \(name(deployment.to, service))"
    case .rollback: "the rollback to \(name(deployment.to, service))"
    case .deploy:
      "\(name(deployment.to, service)) in the place of \(name(deployment.from, service))"
    }
  }

  private static func words(_ result: DeploymentResult) -> String {
    switch result {
    case .succeeded: "is complete"
    case .rolledBack: "was rolled back"
    case .failed: "failed"
    }
  }

  /// The version that people gave it, or the revision.
  func name(_ revision: String, _ service: String) -> String {
    replicaSets[service]?.templates[revision]?.version.map { "version \($0)" }
      ?? "revision \(revision)"
  }

  /// Keeps what a new replica said before it ended, for the word on why a deployment goes back.
  func noteEnd(_ replica: ExitedReplica, of service: String) {
    guard !replica.wasAsked, replicaSets[service]?.newReplicas.contains(replica.name) == true
    else { return }
    replicaSets[service]?.lastLines = replica.lastLines.suffix(Self.toldLines)
  }

  /// Of a new one that ended; of those that never got ready, what the first of them printed.
  private func tellLastLines(of service: String, _ deployment: OngoingDeployment) {
    let said = replicaSets[service]?.lastLines ?? []
    let number = deploymentHistory.ongoing(service)?.number
    guard said.isEmpty, let replica = replicaSets[service]?.newReplicas.min() else {
      return tell(said, service, number, deployment)
    }
    let file = (replica: replica, path: logFile(of: replica))
    // Much may have to be read: not on the loop.
    Task {
      let bytes = await Task.detached {
        var tail = LogTail(service: service, replica: replica)
        return tail.last(Self.toldLines, of: [file]) + tail.rest()
      }.value
      let lines = bytes.split(separator: 10).map { String(decoding: $0, as: UTF8.self) }
      self.tell(lines, service, number, deployment)
    }
  }

  private func tell(
    _ lines: [String], _ service: String, _ number: Int64?, _ deployment: OngoingDeployment
  ) {
    for line in lines {
      recorder.note("deployment-output", .warning, service: service, "\(service): | \(line)")
    }
    noteInRecord(service, number, reason: deployment.reason, lines: lines)
  }

  static let toldLines = 10
}
