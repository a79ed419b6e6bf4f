internal import AdminAPI
internal import Primitives

/// `drill`: a fault on purpose, with an end and a report.
enum DrillCommand {
  static let command = Command(
    name: "drill",
    summary: "kills, hangs or slows a server on purpose, and reports what came of it",
    discussion: """
      kill and hang are done to a replica's process; slow and errors to answers on their way through \
      Ballast, so that checks, retries and ejection take them for the server's own. It is refused where \
      too few servers would be left, while a deployment is under way or a fault is open; --force does it \
      all the same. It ends by itself, also when this command or the engine ends in the middle. \
      The report has what was expected, from checks, ejection and load, beside what was measured.
      """,
    arguments: [
      Argument(
        name: "KIND", summary: "kill, hang, slow or errors", completion: .words(kinds)),
      Argument(
        name: "SERVICE", summary: "a service, or SERVICE/SERVER; of a service one that has work",
        completion: .names(of: .services)),
    ],
    options: [
      Option("for", value: "TIME", "how long, such as 5s or 1m, at most 10m (default 10s)"),
      Option(
        "share", value: "PERCENT", "of the server's answers, for slow and errors (default 100%)"),
      Option("delay", value: "TIME", "for slow: how long answers are held back (default 300ms)"),
      Option("dry-run", "only shows what is expected, and whether it is safe"),
      Option("force", "also where it is not safe"),
      Option("no-wait", "returns when it has begun; `get drills` has the report"),
    ],
    examples: [
      Example("ballast drill kill storefront --dry-run", "what would be expected"),
      Example("ballast drill hang storefront --for 5s", "one of its replicas stands still"),
      Example(
        "ballast drill slow storefront/storefront-1 --delay 500ms --share 50%",
        "every other answer of that server is late"),
      Example("ballast drill errors storefront -o json", "the report for a program"),
    ],
    formats: OutputFormat.single, remote: true, run: run)

  private static let kinds = ["kill", "hang", "slow", "errors"]
  private static let intervalMilliseconds = 100

  private static func run(_ invocation: Invocation) throws(CommandFailure) -> ExitStatus {
    let (service, request) = try request(invocation)
    let client = try AdminClient(invocation)
    let bytes: [UInt8]
    do throws(CommandFailure) {
      bytes = try client.post(AdminPath("services", service, "drills"), request)
    } catch {
      if error.isNotFound, request.server == nil { try GetCommand.requireService(service, client) }
      throw error
    }
    let begun = try client.decode(DrillStatus.self, bytes)
    if invocation.has("dry-run") || invocation.has("no-wait") {
      try invocation.printAnswer(bytes) { () throws(CommandFailure) in
        text(begun, invocation)
      }
      return .done
    }
    return try watch(begun, invocation, client)
  }

  private static func request(
    _ invocation: Invocation
  ) throws(CommandFailure) -> (service: String, DrillRequest) {
    let kind = try invocation.required(0)
    guard kinds.contains(kind) else {
      throw .wrongUsage(
        "a drill is kill, hang, slow or errors, not '\(kind)'",
        details: Suggestion.lines(kind, among: kinds))
    }
    let word = try invocation.required(1)
    var request = DrillRequest(kind: kind)
    var service = word
    if word.contains("/") {
      let name = try ServerName(word)
      (service, request.server) = (name.service, name.server)
    }
    request.duration = try span("for", invocation)
    request.delay = try span("delay", invocation)
    if request.duration != nil, kind == "kill" {
      throw .wrongUsage("a kill is over at once: it takes no --for")
    }
    if request.delay != nil, kind != "slow" { throw .wrongUsage("--delay is for slow") }
    if let text = invocation.values["share"] {
      guard kind == "slow" || kind == "errors" else {
        throw .wrongUsage("--share is for slow and errors")
      }
      let digits = text.hasSuffix("%") ? String(text.dropLast()) : text
      request.share = Double(try Invocation.number(digits, "--share", in: 1...100)) / 100
    }
    request.force = invocation.has("force")
    request.dryRun = invocation.has("dry-run")
    return (service, request)
  }

  private static func span(
    _ option: String, _ invocation: Invocation
  ) throws(CommandFailure) -> Double? {
    guard let text = invocation.values[option] else { return nil }
    guard let span = HumanText.parseDuration(text), span > .zero else {
      throw .wrongUsage("--\(option) is a time such as 500ms, 5s or 1m, not '\(text)'")
    }
    return span.seconds
  }

  // MARK: Watching

  private static func watch(
    _ begun: DrillStatus, _ invocation: Invocation, _ client: AdminClient
  ) throws(CommandFailure) -> ExitStatus {
    var (shown, patience) = ("", Patience())
    while true {
      do throws(CommandFailure) {
        let bytes = try client.get(AdminPath("drills", "\(begun.id)"))
        let status = try client.decode(DrillStatus.self, bytes)
        patience.restore()
        if progress(status) != shown {
          shown = progress(status)
          invocation.console.message(shown)
        }
        if status.state.isEnd {
          try invocation.printAnswer(bytes) { () throws(CommandFailure) in
            text(status, invocation)
          }
          return status.state == .done || status.state == .stopped ? .done : .failed
        }
      } catch {
        try patience.endure(error, everWorked: true, invocation.console)
      }
      Pause.milliseconds(intervalMilliseconds)
    }
  }

  private static func progress(_ status: DrillStatus) -> String {
    let name = HumanText.printable("drill \(status.id) of \(status.service)/\(status.server)")
    switch status.state {
    case .running:
      let found = status.measured?.detectedAfter.map { HumanText.duration(seconds: $0) }
      return "\(name): \(status.order)" + (found.map { "; left out after \($0)" } ?? "")
    case .recovering: return "\(name): undone, waiting until it is well again"
    default: return "\(name): \(status.state.rawValue)"
    }
  }

  static func text(_ status: DrillStatus, _ invocation: Invocation) -> String {
    var lines = [
      HumanText.printable(
        "\(status.service)/\(status.server): \(status.order), \(status.state.rawValue)"
          + (status.reason.map { ": \($0)" } ?? ""))
    ]
    lines += Table.drillResult(status).lines(
      wide: false, colors: invocation.console.colorsOutput, width: invocation.console.width)
    if !status.objections.isEmpty {
      lines.append(status.forced ? "it was not safe:" : "it is not safe now:")
      lines += status.objections.map { "  " + HumanText.printable($0) }
    }
    return lines.joined(separator: "\n")
  }
}
