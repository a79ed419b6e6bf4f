internal import AdminAPI
internal import Primitives

/// Follows a `scale` or `restart` to its end, with a progress line.
struct RolloutWatch {
  static let intervalMilliseconds = 250
  /// A replica that was crash-looping before the command gets this long to be replaced.
  static let crashLoopMilliseconds = 3_000
  /// What a failure shows of the replica's output.
  static let logLines = 20

  let invocation: Invocation
  let client: AdminClient
  let service: String
  let goal: RolloutGoal
  let timeout: TimeSpan

  func run() throws(CommandFailure) -> ExitStatus {
    let began = ContinuousClock.now
    var patience = Patience()
    var line = ProgressLine(invocation.console)
    var failingSince: ContinuousClock.Instant?
    defer { line.end() }
    while true {
      do throws(CommandFailure) {
        let detail = try client.get(ServiceDetail.self, AdminPath("services", service))
        patience.restore()
        switch goal.judge(detail) {
        case .done(let text):
          line.end()
          return try finish(text)
        case .waiting(let text, let part, let whole):
          failingSince = nil
          line.show(text, bar: ProgressLine.bar(part, of: whole))
        case .failing(let replica):
          let since = failingSince ?? .now
          failingSince = since
          if since.duration(to: .now) > .milliseconds(Self.crashLoopMilliseconds) {
            line.end()
            throw fail("replica \(replica) ends again and again", replica)
          }
        }
        if began.duration(to: .now) > .milliseconds(timeout.milliseconds) {
          line.end()
          let late = detail.replicas.first { $0.state != "ready" }?.name
          throw fail("\(service) is not there after \(timeout)", late)
        }
      } catch {
        try patience.endure(error, everWorked: true, invocation.console)
      }
      Pause.milliseconds(Self.intervalMilliseconds)
    }
  }

  private func finish(_ text: String) throws(CommandFailure) -> ExitStatus {
    let bytes = try client.get(AdminPath("services", service))
    let status = JSONValue(parsing: bytes)?["service"]
    if let status, invocation.printData(status) { return .done }
    invocation.console.print(text)
    return .done
  }

  /// The last lines of the replica go to standard error first, so that the reason ends the output.
  private func fail(_ message: String, _ replica: String?) -> CommandFailure {
    if let replica { Self.printLastLines(of: replica, service, client, invocation) }
    return .failed(message)
  }

  static func printLastLines(
    of replica: String, _ service: String, _ client: AdminClient, _ invocation: Invocation
  ) {
    let path = AdminPath("services", service, "logs").query([
      "replica": replica, "lines": "\(logLines)",
    ])
    var lines: [String] = []
    do throws(CommandFailure) {
      try client.stream(path) { line in
        lines.append(line)
        return lines.count < logLines
      }
    } catch {
      lines = ["its output cannot be read: \(error.message)"]
    }
    let title = "last lines of \(replica):"
    invocation.console.errorText(([title] + lines.map { "  \($0)" }).joined(separator: "\n") + "\n")
  }
}
