internal import AdminAPI
internal import Primitives

/// `token …`: what programs show.
enum TokenCommands {
  static let list = Command(
    name: "token list", summary: "lists tokens: your own, all for an admin",
    examples: [
      Example("ballast token list", "names, scopes and ends"),
      Example("ballast token list -o json", "for a program"),
    ],
    formats: OutputFormat.list, remote: true
  ) { invocation throws(CommandFailure) in
    let client = try AdminClient(invocation)
    let bytes = try client.get(AdminPath("tokens"))
    let tokens = try client.decode([TokenStatus].self, bytes)
    invocation.printList(bytes, tokens.isEmpty ? "no tokens" : nil, .tokens(tokens))
    return .done
  }

  static let add = Command(
    name: "token add", summary: "makes a token for a program",
    discussion: """
      It is printed this once: Ballast keeps only its hash. It may do no more than you, ends with your \
      account, and after 90 days unless --for says otherwise. `metrics` is for a scraper, and reads \
      nothing but /metrics.
      """,
    arguments: [Argument(name: "NAME", summary: "what to call it")],
    options: [
      Option(
        "scope", value: "SCOPE", "metrics, or a role (default viewer)",
        choices: TokenScope.allCases.map(\.rawValue)),
      Option("for", value: "DURATION", "how long it holds (default 2160h); `always` without end"),
    ],
    examples: [
      Example("ballast token add prometheus --scope metrics > token", "for a scraper"),
      Example("ballast token add ci --scope operator --for 24h", "may deploy for a day"),
    ],
    formats: OutputFormat.single, remote: true
  ) { invocation throws(CommandFailure) in
    let scope = invocation.values["scope"].flatMap(TokenScope.init(rawValue:)) ?? .viewer
    var request = TokenRequest(name: try invocation.required(0), scope: scope)
    if let text = invocation.values["for"] {
      if text == "always" {
        request.expires = 0
      } else {
        guard let span = HumanText.parseDuration(text), span > .zero else {
          throw .wrongUsage("--for is a time such as 24h, or always, not '\(text)'")
        }
        request.expires = span.seconds
      }
    }
    let client = try AdminClient(invocation)
    let bytes = try client.post(AdminPath("tokens"), request)
    let made = try client.decode(NewToken.self, bytes)
    try invocation.printAnswer(bytes) { () throws(CommandFailure) in
      HumanText.printable(made.token)
    }
    let end = made.status.expires.map { "until \(HumanText.moment($0))" } ?? "without an end"
    invocation.console.message(
      "\(made.status.name): \(made.status.scope.rawValue), \(end); it is not shown again")
    return .done
  }

  static let remove = Command(
    name: "token remove", summary: "takes a token back",
    arguments: [Argument(name: "NAME", summary: "as `ballast token list` names it")],
    examples: [Example("ballast token remove ci", "whoever shows it is let in no more")],
    formats: OutputFormat.single, remote: true
  ) { invocation throws(CommandFailure) in
    let client = try AdminClient(invocation)
    let bytes = try client.delete(AdminPath("tokens", try invocation.required(0)))
    try invocation.printAnswer(bytes) { () throws(CommandFailure) in
      "\(try client.decode(TokenStatus.self, bytes).name): taken back"
    }
    return .done
  }
}
