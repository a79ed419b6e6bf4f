internal import AdminAPI
internal import Primitives

/// `upgrade`: another engine from the binary that is there now, without a stop.
enum UpgradeCommand {
  static let command = Command(
    name: "upgrade", summary: "replaces the running engine by the binary that is there now",
    discussion: """
      Put the new binary in the place of the old one first (`install`, or another rename). A new engine \
      gets the same listening sockets, the replicas and all that is known; when it serves, the old one \
      takes no more connections and finishes what it has, within `upgrade.drain`. One that does not \
      serve within 30 s is dropped, and the old one stays: exit status 1, with its last lines.
      """,
    options: [
      Option("no-wait", "returns when the new engine begins"),
      Option(
        "timeout", value: "DURATION",
        "how long to watch, such as 30s or 5m (default \(usualTimeout))"),
    ],
    examples: [
      Example("ballast upgrade", "after `install ballast /usr/local/bin/`; tells the outcome"),
      Example("ballast upgrade -o json", "the outcome for a program"),
    ],
    formats: OutputFormat.single, remote: true
  ) { invocation throws(CommandFailure) in
    let timeout = try invocation.timeout(usualTimeout)
    let client = try AdminClient(invocation)
    let bytes = try client.post(AdminPath("upgrade"), [String: String]())
    let begun = try client.decode(UpgradeStatus.self, bytes)
    if invocation.has("no-wait"), begun.state != .failed {
      try invocation.printAnswer(bytes) { () throws(CommandFailure) in line(begun) }
      return .done
    }
    return try watch(invocation, client, begun, timeout)
  }

  static let intervalMilliseconds = 100
  private static let usualTimeout = TimeSpan.minutes(1)

  private static func watch(
    _ invocation: Invocation, _ client: AdminClient, _ begun: UpgradeStatus, _ timeout: TimeSpan
  ) throws(CommandFailure) -> ExitStatus {
    let began = ContinuousClock.now
    var (status, shown) = (begun, "")
    var bytes: [UInt8] = []
    // Both engines may be asked on the way, and for a moment nobody answers.
    var patience = Patience()
    while true {
      if line(status) != shown {
        shown = line(status)
        if !status.state.isEnd { invocation.console.message(shown) }
      }
      if status.state.isEnd { break }
      guard began.duration(to: .now) < .milliseconds(timeout.milliseconds) else {
        throw .failed("no outcome after \(timeout): `ballast events` tells how it goes on")
      }
      Pause.milliseconds(intervalMilliseconds)
      do throws(CommandFailure) {
        bytes = try client.get(AdminPath("upgrade"))
        let next = try client.decode(UpgradeStatus.self, bytes)
        patience.restore()
        // An engine that took over after a crash knows nothing of it.
        guard next.number ?? 0 >= begun.number ?? 0 else {
          throw CommandFailure.failed(
            "another engine took over, and knows nothing of the upgrade: see `ballast events`")
        }
        status = next
      } catch {
        try patience.endure(error, everWorked: true, invocation.console)
      }
    }
    guard status.state == .done else { throw failure(status, invocation) }
    if bytes.isEmpty { bytes = try client.get(AdminPath("upgrade")) }
    try invocation.printAnswer(bytes) { () throws(CommandFailure) in line(status) }
    return .done
  }

  /// One line for each state.
  static func line(_ status: UpgradeStatus) -> String {
    let new = name(status.version, status.pid)
    switch status.state {
    case .none: return "no upgrade"
    case .starting: return "starting: \(new)"
    case .handingOver: return "handing over: \(new) takes what \(former(status)) knows"
    case .failed: return "failed: \(HumanText.printable(status.reason ?? "the new engine ended"))"
    case .done:
      guard let left = status.draining.first(where: { $0.pid == status.formerPid }) else {
        return "upgraded: \(new) serves"
      }
      let connections = left.connections == 1 ? "1 connection" : "\(left.connections) connections"
      return "upgraded: \(new) serves; \(former(status)) finishes \(connections)"
    }
  }

  private static func former(_ status: UpgradeStatus) -> String {
    name(status.formerVersion, status.formerPid)
  }

  private static func name(_ version: String?, _ pid: Int?) -> String {
    let number = pid.map { "pid \($0)" } ?? "no process"
    return version.map { "ballast \(HumanText.printable($0)) (\(number))" } ?? "engine \(number)"
  }

  /// The last lines of the new engine go to standard error first, so that the reason ends the output.
  private static func failure(
    _ status: UpgradeStatus, _ invocation: Invocation
  ) -> CommandFailure {
    if let lines = status.lines, !lines.isEmpty {
      let text = lines.map { "  \(HumanText.printable($0))" }.joined(separator: "\n")
      invocation.console.errorText("last lines of the new engine:\n\(text)\n")
    }
    let reason = HumanText.printable(status.reason ?? "the new engine ended")
    return .failed("\(reason); \(former(status)) stays in charge")
  }
}
