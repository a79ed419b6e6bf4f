internal import AdminAPI

/// `plan`: what another configuration would change, and its risks.
enum PlanCommand {
  static let command = Command(
    name: "plan", summary: "shows what a configuration would change, and what that risks",
    discussion: """
      Compares with what runs and asks the running Ballast for its load: servers and replicas that leave \
      with their connections and sessions, hash keys that move, the fewest servers that take work on the \
      way against what comes now, and what one that fails meanwhile would mean. Nothing is changed. \
      Without FILE, the file that Ballast runs on, as it is on the disk. Relative paths are those of that \
      file. Exit 3 with differences, 0 without.
      """,
    arguments: [fileArgument],
    options: [
      Option("strict", "exit 1 when a service may fall under its load on the way")
    ],
    examples: [
      Example(
        "ballast plan shop.yaml", "the differences, each with old and new value, and the risks"),
      Example("ballast plan", "what `config reload` would change"),
      Example("ballast plan shop.yaml -o json", "all of it, for a program"),
    ],
    formats: OutputFormat.single, remote: true
  ) { invocation throws(CommandFailure) in
    let client = try AdminClient(invocation)
    let texts = try ConfigurationTexts(reading: invocation.argument(0))
    return try show(texts, invocation, client, isStrict: invocation.has("strict"))
  }

  static let fileArgument = Argument(
    name: "FILE",
    summary: "a YAML file, or a folder of them where Ballast runs on a folder (default: its own)",
    count: .optional, completion: .files)

  /// How long the running Ballast may take for its answer.
  static let patienceMilliseconds = 60_000

  static func show(
    _ texts: ConfigurationTexts, _ invocation: Invocation, _ client: AdminClient, isStrict: Bool
  ) throws(CommandFailure) -> ExitStatus {
    let bytes = try asked(invocation) { () throws(CommandFailure) in
      try client.post(AdminPath("plan"), texts, timeoutMilliseconds: patienceMilliseconds)
    }
    let plan = try client.decode(ChangePlan.self, bytes)
    try printPlan(plan, bytes, invocation)
    if isStrict, plan.isUnderCapacity {
      throw .failed("refused by --strict: a service may fall under its load on the way")
    }
    return plan.isEmpty ? .done : .differences
  }

  /// What is wrong in the texts is shown as `check` shows it.
  static func asked(
    _ invocation: Invocation, _ body: () throws(CommandFailure) -> [UInt8]
  ) throws(CommandFailure) -> [UInt8] {
    do throws(CommandFailure) {
      return try body()
    } catch {
      guard error.isInvalid else { throw error }
      for line in error.details { invocation.console.errorText(line + "\n") }
      throw .failed(error.message)
    }
  }

  private static func printPlan(
    _ plan: ChangePlan, _ bytes: [UInt8], _ invocation: Invocation
  ) throws(CommandFailure) {
    if let value = JSONValue(parsing: bytes), invocation.printData(value) { return }
    let console = invocation.console
    let lines = PlanText(plan).lines(colors: console.colorsOutput, width: console.width)
    console.print(lines.joined(separator: "\n"))
  }
}

extension ChangePlan {
  /// A count that an operator ordered may change without a word in the file.
  var isEmpty: Bool { differences.isEmpty && services.isEmpty }
}
