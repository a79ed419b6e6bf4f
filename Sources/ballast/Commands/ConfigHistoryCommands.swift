internal import AdminAPI
internal import Planning

/// `config history|diff|rollback`: configurations that were accepted before.
enum ConfigHistoryCommands {
  static let history = Command(
    name: "config history", summary: "lists the configurations that were accepted",
    discussion:
      "The last hundred, with the texts as they were written: variables of the environment stay references.",
    examples: [
      Example("ballast config history", "newest first, and where each came from"),
      Example("ballast config history -o json", "for a program"),
    ],
    formats: OutputFormat.list, remote: true
  ) { invocation throws(CommandFailure) in
    let client = try AdminClient(invocation)
    let bytes = try client.get(AdminPath("config", "history"))
    let entries = try client.decode([ConfigurationEntry].self, bytes)
    switch invocation.format {
    case .name: entries.forEach { invocation.console.print("\($0.number)") }
    case .json, .yaml:
      if let value = JSONValue(parsing: bytes) { invocation.printData(value) }
    case .table, .wide:
      if entries.isEmpty {
        invocation.console.message("no configurations")
      } else {
        invocation.printTable(table(entries))
      }
    }
    return .done
  }

  static let diff = Command(
    name: "config diff", summary: "shows how two accepted configurations differ",
    discussion: """
      Without numbers, what the last change changed; with one, what changed from it to the one that \
      runs. Exit 3 with differences, 0 without.
      """,
    arguments: [
      Argument(name: "A", summary: "a number of `config history`", count: .optional),
      Argument(name: "B", summary: "another one (default: what runs)", count: .optional),
    ],
    examples: [
      Example("ballast config diff", "the last change"),
      Example("ballast config diff 3 5", "from the third to the fifth"),
    ],
    remote: true
  ) { invocation throws(CommandFailure) in
    let client = try AdminClient(invocation)
    let entries = try client.get([ConfigurationEntry].self, AdminPath("config", "history"))
    guard let newest = entries.first(where: \.isCurrent) ?? entries.first else {
      throw .failed("no configurations: the state keeps none")
    }
    let old = try invocation.argument(0).map { text throws(CommandFailure) in try number(text) }
    let new = try invocation.argument(1).map { text throws(CommandFailure) in try number(text) }
    let before = old ?? entries.first { $0.number < newest.number }?.number ?? newest.number
    let first = try entry(before, client)
    let second = try entry(new ?? newest.number, client)
    let lines = differences(first, second)
    for line in lines {
      let tone: Tone =
        line.hasPrefix("@@")
        ? .faint
        : line.hasPrefix("+")
          ? .good
          : line.hasPrefix("-") ? .bad : .plain
      invocation.console.print(
        tone.paint(HumanText.printable(line), invocation.console.colorsOutput))
    }
    return lines.isEmpty ? .done : .differences
  }

  static let rollback = Command(
    name: "config rollback", summary: "takes a former configuration again",
    discussion: """
      Its text is checked and applied as any other change, whole or not at all, written to the file, and \
      its rollouts are watched to the end. Without N, the one before the one that runs.
      """,
    arguments: [Argument(name: "N", summary: "a number of `config history`", count: .optional)],
    options: [
      Option("dry-run", "only shows what would change, as `plan` does"),
      Option("strict", "refuses what may bring a service under its load on the way"),
      Option("no-save", "leaves the file as it is"),
      Option("no-wait", "returns when Ballast has taken it"),
      Option(
        "timeout", value: "DURATION",
        "how long to watch the rollouts (default \(ApplyCommand.usualTimeout))"),
    ],
    examples: [
      Example("ballast config rollback", "undoes the last change"),
      Example("ballast config rollback 3 --dry-run", "what going back to 3 would change"),
    ],
    formats: OutputFormat.single, remote: true
  ) { invocation throws(CommandFailure) in
    let client = try AdminClient(invocation)
    let number = try wanted(invocation, client)
    let isStrict = invocation.has("strict")
    if invocation.has("dry-run") {
      var texts = ConfigurationTexts(files: try entry(number, client).files)
      texts.isFolder = try isFolder(client)
      return try PlanCommand.show(texts, invocation, client, isStrict: isStrict)
    }
    let order = ConfigurationTexts(strict: isStrict, unsaved: invocation.has("no-save"))
    return try ApplyWatch(
      invocation, client, timeout: try invocation.timeout(ApplyCommand.usualTimeout)
    ).run {
      () throws(CommandFailure) in
      try client.post(
        AdminPath("config", "history", "\(number)", "rollback"), order,
        timeoutMilliseconds: PlanCommand.patienceMilliseconds)
    }
  }

  // MARK: Entries

  private static func wanted(
    _ invocation: Invocation, _ client: AdminClient
  ) throws(CommandFailure) -> Int64 {
    if let text = invocation.argument(0) { return try number(text) }
    let entries = try client.get([ConfigurationEntry].self, AdminPath("config", "history"))
    let current = entries.first(where: \.isCurrent)?.number ?? .max
    guard let before = entries.first(where: { $0.number < current }) else {
      throw .failed("no configuration before the one that runs: see `ballast config history`")
    }
    return before.number
  }

  private static func number(_ text: String) throws(CommandFailure) -> Int64 {
    guard let number = Int64(text), number > 0 else {
      throw .wrongUsage("'\(text)' is no number of `ballast config history`")
    }
    return number
  }

  private static func entry(
    _ number: Int64, _ client: AdminClient
  ) throws(CommandFailure) -> ConfigurationEntry {
    do throws(CommandFailure) {
      return try client.get(
        ConfigurationEntry.self, AdminPath("config", "history", "\(number)"))
    } catch {
      guard error.isNotFound else { throw error }
      throw .failed("no configuration \(number): `ballast config history` lists them")
    }
  }

  private static func isFolder(_ client: AdminClient) throws(CommandFailure) -> Bool {
    try client.get(ConfigurationStatus.self, AdminPath("config")).isFolder ?? false
  }

  // MARK: Text

  private static func table(_ entries: [ConfigurationEntry]) -> Table {
    let now = HumanText.now
    return Table(
      columns: [
        Table.Column("NUMBER", right: true), Table.Column("AT"),
        Table.Column("AGE", restless: true), Table.Column("FROM"), Table.Column("BY"),
        Table.Column("BYTES", right: true), Table.Column("RUNS"),
        Table.Column("FILE", wide: true),
      ],
      rows: entries.map { entry in
        Table.Row(
          name: "\(entry.number)",
          cells: [
            "\(entry.number)", Table.Cell(HumanText.moment(entry.at)),
            Table.Cell(HumanText.age(entry.at, now: now)), Table.Cell(entry.origin),
            Table.Cell(entry.by ?? ""), "\(entry.bytes)",
            Table.Cell(entry.isCurrent ? "now" : "", .good), Table.Cell(entry.file),
          ])
      })
  }

  /// The unified form of each file that differs, one behind the other.
  private static func differences(
    _ old: ConfigurationEntry, _ new: ConfigurationEntry
  ) -> [String] {
    let (before, after) = (old.files ?? [], new.files ?? [])
    let names =
      before.map(\.name)
      + after.map(\.name).filter { name in
        !before.contains { $0.name == name }
      }
    return names.flatMap { name in
      UnifiedDifference.lines(
        from: before.first { $0.name == name }?.text ?? "",
        to: after.first { $0.name == name }?.text ?? "",
        names: ("\(name) (\(old.number))", "\(name) (\(new.number))"))
    }
  }
}
