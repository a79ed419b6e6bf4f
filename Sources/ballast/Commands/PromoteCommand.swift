internal import AdminAPI

/// `promote`: another active server, by hand.
enum PromoteCommand {
  static let command = Command(
    name: "promote",
    summary: "takes a deployment to its next step, or makes a server the active one",
    discussion:
      "Of a SERVICE whose deployment waits or is looked at: on to the next step, without waiting. "
      + "Of a SERVER only in services with `mode: primary-standby`. The active server gets no more requests, the hook "
      + "of `standby.promote` runs, and if it succeeds the server is active. Waits for the end of it. "
      + "Nothing switches back from an operator's choice until it fails.",
    arguments: [
      Argument(
        name: "SERVICE[/SERVER]",
        summary:
          "a service with a deployment under way, or a server as `ballast get servers` names it",
        completion: .names(of: .servers))
    ],
    options: [Option("dry-run", "only says what would happen")],
    examples: [
      Example("ballast promote shop", "the next step of the deployment of shop"),
      Example("ballast promote db/db2", "db2 takes over from the active server of db"),
      Example("ballast promote db/db2 --dry-run", "the steps, and the hook's command line"),
    ],
    formats: OutputFormat.single, remote: true, run: run)

  /// Beyond the hook's own time.
  private static let patienceMilliseconds = 30_000

  private static func run(_ invocation: Invocation) throws(CommandFailure) -> ExitStatus {
    let word = try invocation.required(0)
    if !word.contains("/") {
      guard !invocation.has("dry-run") else {
        throw .wrongUsage(
          "--dry-run is for a server; `ballast describe deployment` tells the next step")
      }
      return try DeployCommands.promote(word, invocation)
    }
    let name = try ServerName(word)
    let client = try AdminClient(invocation)
    let path = AdminPath("servers", name.service, name.server, "promote")
    var bytes: [UInt8]
    do throws(CommandFailure) {
      bytes = try client.post(path, PromotionRequest(dryRun: true))
    } catch {
      throw try ServerCommands.explained(error, "\(name.service)/\(name.server)", client)
    }
    if !invocation.has("dry-run") {
      let plan = try client.decode(PromotionStatus.self, bytes)
      let hook = Int(min(max(plan.timeout, 0), 86_400) * 1_000)
      bytes = try client.post(
        path, PromotionRequest(), timeoutMilliseconds: hook + patienceMilliseconds)
    }
    try invocation.printAnswer(bytes) { () throws(CommandFailure) in
      sentence(try client.decode(PromotionStatus.self, bytes))
    }
    return .done
  }

  static func sentence(_ status: PromotionStatus) -> String {
    let server = HumanText.printable("\(status.service)/\(status.server)")
    guard status.dryRun else {
      let said = status.detail.map { ": \(HumanText.printable($0))" } ?? ""
      return "\(server) is active, epoch \(status.epoch)\(said)"
    }
    var steps: [String] = []
    if let from = status.from {
      steps.append("\(HumanText.printable(from)) takes no more requests")
    }
    if let command = status.command {
      let words = command.map(HumanText.printable).joined(separator: " ")
      steps.append("`\(words)` runs, for \(HumanText.duration(seconds: status.timeout)) at most")
      steps.append("if it succeeds, \(server) is active, epoch \(status.epoch)")
    } else {
      steps.append("\(server) is active, epoch \(status.epoch); there is no hook")
    }
    let lines = steps.enumerated().map { "  \($0.offset + 1). \($0.element)" }
    return (["nothing is done; `promote` would do this:"] + lines).joined(separator: "\n")
  }
}
