internal import AdminAPI
internal import Primitives

/// Changes the configuration, and follows what begins with it for the replicas until all of it has
/// ended.
struct ApplyWatch {
  private let invocation: Invocation
  private let client: AdminClient
  private let timeout: TimeSpan

  init(_ invocation: Invocation, _ client: AdminClient, timeout: TimeSpan) {
    self.invocation = invocation
    self.client = client
    self.timeout = timeout
  }

  /// - Parameter change: the call that changes it.
  func run(_ change: () throws(CommandFailure) -> [UInt8]) throws(CommandFailure) -> ExitStatus {
    let former = try client.get([ReplicaStatus].self, AdminPath("replicas"))
    let latest = try client.get([DeploymentStatus].self, AdminPath("deployments")).map(\.number)
      .max()
    let bytes = try PlanCommand.asked(invocation, change)
    let applied = try client.decode(ConfigurationApplied.self, bytes)
    for warning in applied.warnings {
      invocation.console.message("warning: \(HumanText.printable(warning))")
    }
    if !invocation.has("no-wait"), !applied.rollouts.isEmpty {
      try follow(applied.rollouts, former, after: latest ?? 0)
    }
    try invocation.printAnswer(bytes) { () throws(CommandFailure) in Self.sentence(applied) }
    if let problem = applied.problem {
      // It runs; a restart would lose it.
      throw .failed(
        "it runs, but is not in the file: \(HumanText.printable(problem))",
        details: ["`ballast config save` tries again; --no-save leaves the file as it is"])
    }
    return .done
  }

  static func sentence(_ applied: ConfigurationApplied) -> String {
    let file = HumanText.printable(applied.file)
    let number = applied.number > 0 ? "configuration \(applied.number)" : "the configuration"
    guard applied.changed else { return "no change: \(file) says what runs (\(number))" }
    let saved = applied.saved == true ? ", saved to \(file)" : ""
    return "applied: \(number)\(saved), topology version \(applied.topologyVersion)"
  }

  // MARK: Following

  private struct Followed {
    var service: String
    /// Where a deployment replaces them all: the number of the last one before it.
    var latest: Int64?
    var goal: RolloutGoal
    var verdict = RolloutGoal.Verdict.waiting("", part: 0, whole: 0)
    var failingSince: ContinuousClock.Instant?

    var isDone: Bool { if case .done = verdict { true } else { false } }

    var text: String {
      switch verdict {
      case .waiting(let text, _, _), .done(let text): text
      case .failing(let replica): "\(service): replica \(replica) ends again and again"
      }
    }
  }

  private func follow(
    _ rollouts: [ConfigurationApplied.Rollout], _ former: [ReplicaStatus], after latest: Int64
  ) throws(CommandFailure) {
    var followed = rollouts.map { rollout in
      let pids = former.filter { $0.service == rollout.service }.compactMap(\.pid)
      return Followed(
        service: rollout.service, latest: rollout.kind == .replace ? latest : nil,
        goal: rollout.kind == .replace ? .replaced(pids: Set(pids)) : .settled)
    }
    let began = ContinuousClock.now
    var (patience, line) = (Patience(), ProgressLine(invocation.console))
    defer { line.end() }
    while true {
      for place in followed.indices where !followed[place].isDone {
        do throws(CommandFailure) {
          followed[place].verdict = try judge(followed[place])
          patience.restore()
        } catch {
          try patience.endure(error, everWorked: true, invocation.console)
        }
        try endIfFailing(&followed[place], &line)
      }
      line.show(followed.map { HumanText.printable($0.text) }.joined(separator: "; "))
      guard let late = followed.first(where: { !$0.isDone }) else { return }
      if began.duration(to: .now) > .milliseconds(timeout.milliseconds) {
        line.end()
        throw .failed(
          "\(late.service) is not there after \(timeout); what was applied goes on",
          details: ["`ballast describe service \(late.service)` tells how it stands"])
      }
      Pause.milliseconds(RolloutWatch.intervalMilliseconds)
    }
  }

  private func judge(_ one: Followed) throws(CommandFailure) -> RolloutGoal.Verdict {
    if let latest = one.latest { return try judgeDeployment(of: one.service, after: latest) }
    do throws(CommandFailure) {
      return one.goal.judge(
        try client.get(ServiceDetail.self, AdminPath("services", one.service)))
    } catch {
      // A service that goes is gone from the topology at once; its replicas end by themselves.
      if error.isNotFound { return .done("\(one.service): removed") }
      throw error
    }
  }

  /// One that went back is an end as well, and a failure.
  private func judgeDeployment(
    of service: String, after latest: Int64
  ) throws(CommandFailure) -> RolloutGoal.Verdict {
    let path = AdminPath("deployments").query(["service": service])
    let all = try client.get([DeploymentStatus].self, path)
    guard let status = all.first(where: { $0.number > latest }) else {
      return .waiting("\(service): its deployment begins", part: 0, whole: 1)
    }
    guard status.ended != nil else {
      return .waiting(
        status.progressLine, part: status.available ?? 0, whole: status.replicas ?? 1)
    }
    if status.state == "succeeded" { return .done(status.sentence) }
    status.printLastLines(invocation.console)
    throw .failed(
      status.sentence,
      details: ["the configuration stays: `ballast config rollback` goes back to the one before"])
  }

  private func endIfFailing(
    _ one: inout Followed, _ line: inout ProgressLine
  ) throws(CommandFailure) {
    guard case .failing(let replica) = one.verdict else {
      one.failingSince = nil
      return
    }
    let since = one.failingSince ?? .now
    one.failingSince = since
    guard since.duration(to: .now) > .milliseconds(RolloutWatch.crashLoopMilliseconds) else {
      return
    }
    line.end()
    RolloutWatch.printLastLines(of: replica, one.service, client, invocation)
    throw .failed(
      "\(one.service): replica \(replica) ends again and again",
      details: ["`ballast config rollback` goes back to the configuration before"])
  }
}
