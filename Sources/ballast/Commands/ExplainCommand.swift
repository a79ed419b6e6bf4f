internal import AdminAPI

/// `explain`: where a request would go and why, or where one went.
enum ExplainCommand {
  static let command = Command(
    name: "explain", summary: "tells where a request would go and why, or what became of one",
    discussion:
      "Nothing is sent: the running Ballast takes the request through its own routes, sessions and balancers. With the id of a request (X-Request-Id, or requestId in the access log) it tells what happened to it; each worker remembers its last 4,096.",
    arguments: [
      Argument(
        name: "METHOD", summary: "GET, POST …; or a request's id alone; or a URL, for GET",
        completion: .words(["GET", "POST", "PUT", "DELETE"])),
      Argument(
        name: "URL", summary: "like http://shop.example.com/path, or /path", count: .optional),
    ],
    options: [
      Option("header", short: "H", value: "LINE", "'Name: value'; may come more than once"),
      Option("client", value: "ADDR", "the client's address (default 127.0.0.1)"),
      Option(
        "listener", value: "NAME", "the listener that it comes in at",
        completion: .names(of: .listeners)),
    ],
    examples: [
      Example(
        "ballast explain GET http://shop.example.com/cart -H \"Cookie: sid=1\"",
        "the routes tried, the servers with their scores, and the choice"),
      Example(
        "ballast explain 5f0c1d9e6b7a48213c5d7e9f1a2b3c4d",
        "the tries of that request, and how each ended"),
    ],
    formats: OutputFormat.single, remote: true, run: run)

  private static func run(_ invocation: Invocation) throws(CommandFailure) -> ExitStatus {
    let first = try invocation.required(0)
    let client = try AdminClient(invocation)
    if invocation.argument(1) == nil, isIdentifier(first) {
      let bytes = try client.get(AdminPath("requests", first))
      if let value = JSONValue(parsing: bytes), invocation.printData(value) { return .done }
      print(invocation, Narrative(try client.decode(RequestTrace.self, bytes)))
      return .done
    }
    let request = ExplainRequest(
      method: invocation.argument(1) == nil ? "GET" : first, url: try url(invocation),
      headers: try headers(invocation), client: invocation.values["client"],
      listener: invocation.values["listener"])
    let bytes = try client.post(AdminPath("explain"), request)
    if let value = JSONValue(parsing: bytes), invocation.printData(value) { return .done }
    print(invocation, Narrative(try client.decode(RequestExplanation.self, bytes)))
    return .done
  }

  static func isIdentifier(_ text: String) -> Bool {
    text.utf8.count == 32 && text.allSatisfy { $0.isASCII && $0.isHexDigit }
  }

  private static func url(_ invocation: Invocation) throws(CommandFailure) -> String {
    let isAlone = invocation.argument(1) == nil
    let last = try invocation.required(isAlone ? 0 : 1)
    guard last.hasPrefix("/") || last.contains("://") || last == "*" else {
      throw .wrongUsage(
        isAlone
          ? "URL is missing: ballast explain METHOD URL, or a request's id of 32 hexadecimal digits"
          : "the URL is like http://shop.example.com/path, or /path, not '\(last)'")
    }
    return last
  }

  private static func headers(_ invocation: Invocation) throws(CommandFailure) -> [String]? {
    let lines = invocation.lists["header"] ?? []
    if let wrong = lines.first(where: { !$0.contains(":") }) {
      throw .wrongUsage("-H takes 'Name: value', not '\(wrong)'")
    }
    return lines.isEmpty ? nil : lines
  }

  private static func print(_ invocation: Invocation, _ narrative: Narrative) {
    let console = invocation.console
    console.print(
      narrative.lines(colors: console.colorsOutput, width: console.width).joined(separator: "\n"))
  }
}
