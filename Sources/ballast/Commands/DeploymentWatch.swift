internal import AdminAPI
internal import Primitives

/// Follows a deployment to its end: a bar on a terminal, a line for each change elsewhere.
struct DeploymentWatch {
  let invocation: Invocation
  let client: AdminClient
  let order: DeploymentOrder
  let timeout: TimeSpan

  /// - Parameter goesForward: whether the new revision has to win.
  func run(goesForward: Bool) throws(CommandFailure) -> ExitStatus {
    let began = ContinuousClock.now
    var (patience, line) = (Patience(), ProgressLine(invocation.console))
    defer { line.end() }
    while true {
      do throws(CommandFailure) {
        let status = try look()
        patience.restore()
        if let status, status.ended != nil {
          line.end()
          return try finish(status, goesForward)
        }
        line.show(
          status.map(\.progressLine) ?? "\(order.service): waits for another deployment",
          bar: ProgressLine.bar(status?.available ?? 0, of: status?.replicas ?? 1))
      } catch {
        try patience.endure(error, everWorked: true, invocation.console)
      }
      if began.duration(to: .now) > .milliseconds(timeout.milliseconds) {
        line.end()
        throw .failed(
          "the deployment has not ended after \(timeout); it goes on",
          details: ["`ballast get deployments` tells how it stands"])
      }
      Pause.milliseconds(RolloutWatch.intervalMilliseconds)
    }
  }

  /// Nil while the order waits for another deployment.
  private func look() throws(CommandFailure) -> DeploymentStatus? {
    let path = AdminPath("deployments").query(["service": order.service])
    let all = try client.get([DeploymentStatus].self, path)
    let number = order.number ?? 0
    if order.state == .waits { return all.last { $0.number > number } }
    return all.first { $0.number == number } ?? all.first
  }

  private func finish(
    _ status: DeploymentStatus, _ goesForward: Bool
  ) throws(CommandFailure) -> ExitStatus {
    if let value = JSONValue(parsing: try client.get(AdminPath("deployments", "\(status.number)")))
    {
      if !invocation.printData(value) { invocation.console.print(status.sentence) }
    }
    let isWished = status.state == (goesForward ? "succeeded" : "rolled-back")
    if isWished || !goesForward && status.kind == "rollback" && status.state == "succeeded" {
      return .done
    }
    status.printLastLines(invocation.console)
    throw .failed(
      "deployment \(status.number) of \(HumanText.printable(status.service)) ended \(status.state)"
        + (status.reason.map { ": \(HumanText.printable($0))" } ?? ""))
  }
}

extension DeploymentStatus {
  /// `version 2`, or the revision.
  var name: String {
    HumanText.printable(version.map { "version \($0)" } ?? "revision \(revision)")
  }

  var progressLine: String {
    var line = "\(HumanText.printable(service)): \(name) \(state)"
    if let available, let replicas { line += ", \(available)/\(replicas) replicas" }
    if let share { line += ", \(Int((min(max(share, 0), 1) * 100).rounded())) % of the requests" }
    if let step, let steps { line += ", step \(step) of \(steps)" }
    if let reason { line += ": \(HumanText.printable(reason))" }
    return line
  }

  /// What a new replica said last, to standard error.
  func printLastLines(_ console: Console) {
    guard !lines.isEmpty else { return }
    let shown = lines.map { "  \(HumanText.printable($0))" }
    console.errorText((["last lines of a replica:"] + shown).joined(separator: "\n") + "\n")
  }

  var sentence: String {
    let line = "\(HumanText.printable(service)): deployment \(number) of \(name) \(state)"
    return reason.map { "\(line): \(HumanText.printable($0))" } ?? line
  }
}
