internal import AdminAPI

/// `drain`, `ready`, `maintain`, `weight`: the run-time state of one server.
enum ServerCommands {
  static let drain = stateCommand(
    "drain", "draining", "gives a server no new work and lets it finish what it has",
    "takes orders/o1 out gently")
  static let ready = stateCommand(
    "ready", "ready", "gives a drained or maintained server work again",
    "puts orders/o1 back to work")
  static let maintain = stateCommand(
    "maintain", "maintenance", "takes a server out, and its checks with it",
    "orders/o1 is being worked on: no work, no checks, no faults")

  static let weight = Command(
    name: "weight", summary: "changes a server's share of the work; 0 is none",
    discussion: "The weight is kept over reloads and restarts until it is set again.",
    arguments: [
      serverArgument,
      Argument(name: "N", summary: "0 to \(heaviest); a server of weight 2 gets twice the work"),
    ],
    examples: [
      Example("ballast weight orders/o1 5", "five times the work of a server of weight 1")
    ],
    formats: OutputFormat.single, remote: true
  ) { invocation throws(CommandFailure) in
    let weight = try Invocation.number(try invocation.required(1), "N", in: 0...heaviest)
    return try change(invocation, ServerChange(weight: weight))
  }

  private static let heaviest = 1_000
  private static let serverArgument = Argument(
    name: "SERVICE/SERVER", summary: "the server, as `ballast get servers` names it",
    completion: .names(of: .servers))

  private static func stateCommand(
    _ name: String, _ state: String, _ summary: String, _ example: String
  ) -> Command {
    Command(
      name: name, summary: summary,
      discussion: "The state is kept over reloads and restarts until it is changed again.",
      arguments: [serverArgument],
      examples: [Example("ballast \(name) orders/o1", example)],
      formats: OutputFormat.single, remote: true
    ) { invocation throws(CommandFailure) in
      try change(invocation, ServerChange(state: state))
    }
  }

  private static func change(
    _ invocation: Invocation, _ change: ServerChange
  ) throws(CommandFailure) -> ExitStatus {
    let name = try ServerName(try invocation.required(0))
    let client = try AdminClient(invocation)
    let bytes: [UInt8]
    do throws(CommandFailure) {
      bytes = try client.put(name.path, change)
    } catch {
      throw try explained(error, "\(name.service)/\(name.server)", client)
    }
    try invocation.printAnswer(bytes) { () throws(CommandFailure) in
      sentence(try client.decode(ServerStatus.self, bytes))
    }
    return .done
  }

  static func sentence(_ server: ServerStatus) -> String {
    var parts = [server.state, "weight \(server.weight)", server.health]
    if server.ejected { parts.append("ejected") }
    if server.inflight > 0 { parts.append("\(server.inflight) in flight") }
    let name = HumanText.printable("\(server.service)/\(server.name)")
    return "\(name): \(parts.joined(separator: ", "))"
  }

  /// The same failure with the nearest name, when no server has the one that was written.
  static func explained(
    _ failure: CommandFailure, _ name: String, _ client: AdminClient
  ) throws(CommandFailure) -> CommandFailure {
    guard failure.isNotFound else { return failure }
    let servers = try Listing.fetch(.servers, client)
    guard !servers.table.rows.contains(where: { $0.name == name }) else { return failure }
    let names = servers.table.rows.map(\.name)
    return .failed(failure.message, details: failure.details + Suggestion.lines(name, among: names))
  }
}
