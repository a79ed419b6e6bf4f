internal import AdminAPI
internal import Primitives

/// `apply`: another configuration, whole or not at all, watched to the end.
enum ApplyCommand {
  static let command = Command(
    name: "apply", summary: "takes a configuration and watches its rollouts to the end",
    discussion: """
      The text of FILE takes the place of the configuration that runs, and is written to the file that \
      Ballast was started with, so that it also holds after a restart; relative paths are those of that \
      file. Without FILE that file is read again. A text with a mistake is refused whole and changes \
      nothing. `ballast config rollback` goes back.
      """,
    arguments: [PlanCommand.fileArgument],
    options: [
      Option("dry-run", "only shows what would change: `ballast plan`"),
      Option("strict", "refuses what may bring a service under its load on the way"),
      Option("no-save", "leaves the file as it is; a restart goes back to it"),
      Option("no-wait", "returns when Ballast has taken it"),
      Option(
        "timeout", value: "DURATION",
        "how long to watch the rollouts, such as 30s or 5m (default \(usualTimeout))"),
    ],
    examples: [
      Example("ballast apply shop.yaml", "takes it, saves it, and waits for the replicas"),
      Example("ballast apply shop.yaml --dry-run", "what it would change"),
      Example("ballast apply --strict", "the edited file, unless that is risky at this load"),
    ],
    formats: OutputFormat.single, remote: true
  ) { invocation throws(CommandFailure) in
    let client = try AdminClient(invocation)
    var texts = try ConfigurationTexts(reading: invocation.argument(0))
    if invocation.has("dry-run") {
      return try PlanCommand.show(texts, invocation, client, isStrict: invocation.has("strict"))
    }
    texts.strict = invocation.has("strict")
    texts.unsaved = invocation.has("no-save")
    return try ApplyWatch(invocation, client, timeout: try invocation.timeout(usualTimeout)).run {
      () throws(CommandFailure) in
      try client.put(
        AdminPath("config"), texts, timeoutMilliseconds: PlanCommand.patienceMilliseconds)
    }
  }

  static let usualTimeout = TimeSpan.minutes(10)
}
