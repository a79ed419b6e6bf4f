internal import AdminAPI
internal import Primitives

/// `alerts …`: what people say to alerts and their channels.
enum AlertCommands {
  static let channels = Command(
    name: "alerts channels", summary: "shows how the channels of alerts fare",
    examples: [
      Example("ballast alerts channels", "what was delivered, what failed, what waits")
    ],
    formats: OutputFormat.list, remote: true
  ) { invocation throws(CommandFailure) in
    let client = try AdminClient(invocation)
    let bytes = try client.get(AdminPath("alerts", "channels"))
    if let value = JSONValue(parsing: bytes), invocation.printData(value) { return .done }
    let channels = try client.decode([AlertChannelStatus].self, bytes)
    try show(invocation, .alertChannels(channels, now: HumanText.now), none: "no channels")
    return .done
  }

  static let log = Command(
    name: "alerts log", summary: "shows what fired, and what was told to whom",
    options: [
      Option(
        "lines", short: "n", value: "COUNT",
        "how many newest entries (default \(Listing.usualRecords))")
    ],
    examples: [Example("ballast alerts log -n 200", "the last 200 entries, oldest first")],
    formats: OutputFormat.list, remote: true
  ) { invocation throws(CommandFailure) in
    let client = try AdminClient(invocation)
    let count = try invocation.number(
      "lines", default: Listing.usualRecords, in: 1...Listing.mostRecords)
    let bytes = try client.get(AdminPath("alerts", "log").query(["limit": "\(count)"]))
    if let value = JSONValue(parsing: bytes), invocation.printData(value) { return .done }
    try show(
      invocation, .alertLog(try client.decode([AlertLogLine].self, bytes)), none: "no entries")
    return .done
  }

  static let silences = Command(
    name: "alerts silences", summary: "lists silences",
    examples: [Example("ballast alerts silences", "who silenced what, and until when")],
    formats: OutputFormat.list, remote: true
  ) { invocation throws(CommandFailure) in
    let client = try AdminClient(invocation)
    let bytes = try client.get(AdminPath("silences"))
    if let value = JSONValue(parsing: bytes), invocation.printData(value) { return .done }
    try show(
      invocation, .silences(try client.decode([SilenceStatus].self, bytes)), none: "no silences")
    return .done
  }

  static let test = Command(
    name: "alerts test", summary: "sends a message to a channel, and says what came of it",
    arguments: [Argument(name: "CHANNEL", summary: "a name of the configuration")],
    examples: [Example("ballast alerts test ops", "whether ops takes messages")],
    formats: OutputFormat.single, remote: true
  ) { invocation throws(CommandFailure) in
    let name = try invocation.required(0)
    let client = try AdminClient(invocation)
    let bytes: [UInt8]
    do throws(CommandFailure) {
      bytes = try client.post(AdminPath("alerts", "test"), AlertTest(channel: name))
    } catch {
      guard error.isNotFound else { throw error }
      let known = try client.decode(
        [AlertChannelStatus].self, try client.get(AdminPath("alerts", "channels")))
      throw .failed(error.message, details: Suggestion.lines(name, among: known.map(\.name)))
    }
    try invocation.printAnswer(bytes) { () throws(CommandFailure) in
      let channel = try client.decode(AlertChannelStatus.self, bytes)
      return "\(channel.name): the \(channel.kind) channel took the message"
    }
    return .done
  }

  static let silence = Command(
    name: "alerts silence", summary: "tells nobody of some alerts for a while",
    discussion:
      "An alert is silenced when it has all of the labels: alertname, severity, service, server, certificate, subject, objective.",
    arguments: [
      Argument(name: "LABEL=VALUE", summary: "service=shop; a value may end in *", count: .any)
    ],
    options: [
      Option("for", value: "TIME", "how long, such as 30m or 24h (default 1h)"),
      Option("comment", value: "TEXT", "what for, for the record"),
    ],
    examples: [
      Example(
        "ballast alerts silence service=shop --for 2h --comment \"we move\"", "two quiet hours")
    ],
    formats: OutputFormat.single, remote: true, run: runSilence)

  static let unsilence = Command(
    name: "alerts unsilence", summary: "ends a silence",
    arguments: [Argument(name: "ID", summary: "as `ballast alerts silences` names it")],
    examples: [Example("ballast alerts unsilence 3", "what still fires is told")],
    formats: OutputFormat.single, remote: true
  ) { invocation throws(CommandFailure) in
    let id = try invocation.required(0)
    let client = try AdminClient(invocation)
    let bytes = try client.delete(AdminPath("silences", id))
    try invocation.printAnswer(bytes) { "silence \(id): ended" }
    return .done
  }

  static let acknowledge = Command(
    name: "alerts ack", summary: "says that somebody takes care: no repetition, no escalation",
    arguments: [
      Argument(
        name: "ID", summary: "as `ballast get alerts` names them", count: .any,
        completion: .names(of: .alerts))
    ],
    options: [Option("comment", value: "TEXT", "for the record")],
    examples: [
      Example("ballast alerts ack 0123456789abcdef --comment \"on it\"", "one alert")
    ],
    formats: OutputFormat.single, remote: true, run: runAcknowledge)

  private static func runSilence(_ invocation: Invocation) throws(CommandFailure) -> ExitStatus {
    var match: [String: String] = [:]
    for word in invocation.arguments {
      let parts = word.split(separator: "=", maxSplits: 1).map(String.init)
      guard parts.count == 2 else {
        throw .wrongUsage("'\(word)' is no label: write LABEL=VALUE, such as service=shop")
      }
      match[parts[0]] = parts[1]
    }
    guard !match.isEmpty else {
      throw .wrongUsage("which alerts? write LABEL=VALUE, such as service=shop")
    }
    let text = invocation.values["for"] ?? "1h"
    guard let span = HumanText.parseDuration(text), span > .zero else {
      throw .wrongUsage("--for is a time such as 30m or 24h, not '\(text)'")
    }
    let client = try AdminClient(invocation)
    let bytes = try client.post(
      AdminPath("silences"),
      SilenceRequest(
        match: match, duration: span.seconds, comment: invocation.values["comment"]))
    try invocation.printAnswer(bytes) { () throws(CommandFailure) in
      let silence = try client.decode(SilenceStatus.self, bytes)
      return "silence \(silence.id): until \(HumanText.moment(silence.ends))"
    }
    return .done
  }

  private static func runAcknowledge(
    _ invocation: Invocation
  ) throws(CommandFailure) -> ExitStatus {
    let ids = invocation.arguments
    guard !ids.isEmpty else {
      throw .wrongUsage("which alerts? write the IDs that `ballast get alerts` shows")
    }
    let client = try AdminClient(invocation)
    let bytes = try client.post(
      AdminPath("alerts", "acknowledge"),
      AcknowledgeRequest(alerts: ids, comment: invocation.values["comment"]))
    try invocation.printAnswer(bytes) { () throws(CommandFailure) in
      let count = try client.decode([AlertStatus].self, bytes).count
      return "acknowledged: \(count) alert\(count == 1 ? "" : "s")"
    }
    return .done
  }

  private static func show(
    _ invocation: Invocation, _ table: Table, none: String
  ) throws(CommandFailure) {
    if table.rows.isEmpty { return invocation.console.message(none) }
    if invocation.format == .name {
      table.rows.forEach { invocation.console.print($0.name) }
    } else {
      invocation.printTable(table)
    }
  }
}
