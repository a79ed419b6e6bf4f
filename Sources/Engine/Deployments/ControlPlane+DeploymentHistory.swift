import AdminAPI
import Configuration
import Deployment
import EventLoop
import Primitives
import Store
import Supervision

/// Every deployment of a service has an entry, which survives the engine and Ballast.
extension ControlPlane {
  // MARK: Written

  func recordBeginning(_ deployment: OngoingDeployment, _ service: String) {
    replicaSets[service]?.lastLines = []
    add(
      record(
        service, deployment.to, former: deployment.from, kind: deployment.request.kind.rawValue,
        strategy: deployment.plan.strategy.rawValue, by: deployment.request.by))
  }

  /// A service that had nothing before, and one that was taken out in the middle of a deployment.
  func followHistory(_ service: String, from before: DeploymentState) {
    guard let state = replicaSets[service]?.machine.state else { return }
    let isNew =
      before.deployment == nil && state.deployment == nil && before.current != state.current
    let latest = deploymentHistory.records.last { $0.service == service }
    if isNew, let current = state.current, latest?.revision != current {
      var first = record(
        service, current, former: nil, kind: "first", strategy: "none", by: "configuration")
      // What there was nothing to compare with, and nothing to go back from, has no result.
      first.state = DeploymentHistory.started
      first.ended = first.began
      add(first)
    }
    if before.deployment != nil, state.deployment == nil {
      endRecord(service, .failed, "the service has no replicas any more", lines: [])
    }
  }

  /// - Parameter number: of one that may have ended meanwhile; nil is the one under way.
  func noteInRecord(
    _ service: String, _ number: Int64? = nil, reason: String?, lines: [String]
  ) {
    let known = number.map(deploymentHistory.record) ?? deploymentHistory.ongoing(service)
    guard var record = known else { return }
    record.reason = reason
    if !lines.isEmpty { record.lines = lines }
    keep(record)
  }

  /// Changes nothing when it has ended already.
  func endRecord(
    _ service: String, _ result: DeploymentResult, _ reason: String?, lines: [String]
  ) {
    guard var record = deploymentHistory.ongoing(service) else { return }
    record.state = result.rawValue
    record.reason = reason
    if !lines.isEmpty { record.lines = lines }
    record.ended = Clock.wallTime
    keep(record)
  }

  private func record(
    _ service: String, _ revision: String, former: String?, kind: String, strategy: String,
    by author: String
  ) -> DeploymentRecord {
    let templates = replicaSets[service]?.templates ?? [:]
    let folder = loaded.settings.state.path
    return DeploymentRecord(
      number: 0, service: service, revision: revision, version: templates[revision]?.version,
      former: former, formerVersion: former.flatMap { templates[$0]?.version }, kind: kind,
      strategy: strategy, state: DeploymentHistory.running, author: author,
      began: Clock.wallTime,
      program: templates[revision].flatMap { RecalledState.encode($0.kept(in: folder)) } ?? "")
  }

  private func add(_ record: DeploymentRecord) {
    recorder.writer.write(.deployment(deploymentHistory.add(record)))
  }

  private func keep(_ record: DeploymentRecord) {
    deploymentHistory.replace(record)
    recorder.writer.write(.deployment(record))
  }

  /// What an engine that was killed had written of only one of state and history.
  func recallHistory() {
    deploymentHistory = DeploymentHistory(recalled.deploymentRecords)
    for record in deploymentHistory.records where record.ended == nil {
      let state = replicaSets[record.service]?.machine.state
      if state?.deployment?.to == record.revision { continue }
      let isThere = state?.current == record.revision
      endRecord(
        record.service, isThere ? .succeeded : .rolledBack, record.reason, lines: record.lines)
    }
    for (service, set) in replicaSets {
      guard let deployment = set.machine.state.deployment,
        deploymentHistory.ongoing(service) == nil
      else { continue }
      recordBeginning(deployment, service)
    }
  }

  // MARK: Shown

  /// Of every service that Ballast runs all results, so that a first failure is seen as an increase.
  var deploymentSeries: [DeploymentCount: UInt64] {
    var series = deploymentCounts
    for service in replicaSets.keys {
      for result in DeploymentResult.allCases {
        series[DeploymentCount(service: service, result: result.rawValue), default: 0] += 0
      }
    }
    return series
  }

  /// Newest first.
  func deploymentStatuses(of service: String?) -> [DeploymentStatus] {
    deploymentHistory.records.reversed().filter { service == nil || $0.service == service }
      .map(status(of:))
  }

  func status(of record: DeploymentRecord) -> DeploymentStatus {
    var status = DeploymentStatus(
      number: record.number, service: record.service, revision: record.revision,
      version: record.version, former: record.former, formerVersion: record.formerVersion,
      kind: record.kind, strategy: record.strategy, state: record.state, reason: record.reason,
      lines: record.lines, by: record.author, began: record.began, ended: record.ended)
    guard record.ended == nil, let machine = replicaSets[record.service]?.machine,
      let deployment = machine.state.deployment
    else { return status }
    status.state = deployment.phase.rawValue
    status.reason = deployment.reason
    if let progress = machine.progress(now: Clock.now) {
      (status.available, status.replicas) = (progress.available, progress.of)
    }
    status.share = deployment.share
    if deployment.plan.strategy == .canary {
      (status.step, status.steps) = (deployment.step + 1, deployment.plan.steps.count)
    }
    return status
  }
}
