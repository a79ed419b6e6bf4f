internal import AdminAPI

/// `tune`: the weights that Ballast finds by itself.
enum TuneCommand {
  static let command = Command(
    name: "tune", summary: "stops, goes on with or begins anew the tuning of weights",
    discussion:
      "Only of services with `tune`. `off` brings the weights of the file back at once, also over restarts; "
      + "`reset` forgets what was learnt and goes on from there. A weight that `ballast weight` set is never touched.",
    arguments: [
      Argument(
        name: "SERVICE", summary: "a service with `tune`", completion: .names(of: .services)),
      Argument(
        name: "ACTION", summary: "on, off or reset",
        completion: .words(TuneRequest.Action.allCases.map(\.rawValue))),
    ],
    examples: [
      Example("ballast tune shop off", "the weights are those of the file again"),
      Example("ballast tune shop reset", "begins anew, as after a change of the machines"),
    ],
    formats: OutputFormat.single, remote: true, run: run)

  private static func run(_ invocation: Invocation) throws(CommandFailure) -> ExitStatus {
    let service = try invocation.required(0)
    let word = try invocation.required(1)
    guard let action = TuneRequest.Action(rawValue: word) else {
      throw .wrongUsage("ACTION is on, off or reset, not '\(word)'")
    }
    let client = try AdminClient(invocation)
    let bytes: [UInt8]
    do throws(CommandFailure) {
      bytes = try client.post(AdminPath("services", service, "tune"), TuneRequest(action: action))
    } catch {
      if error.isNotFound { try GetCommand.requireService(service, client) }
      throw error
    }
    try invocation.printAnswer(bytes) { () throws(CommandFailure) in
      let status = try client.decode(TuneStatus.self, bytes)
      let state =
        status.on
        ? "by \(HumanText.printable(status.by)), \(status.least) to \(status.most) %" : "off"
      return "\(HumanText.printable(service)): tuning \(state)"
    }
    return .done
  }
}
