internal import AdminAPI
internal import Audit
internal import FoundationEssentials
internal import Primitives
internal import Store

/// `audit`, `audit show`, `audit head` and `audit verify`.
enum AuditCommands {
  static let stateOption = Option(
    "state", value: "FOLDER",
    "reads the folder of a state (`state.path`) instead of asking Ballast",
    completion: .files)

  static let list = Command(
    name: "audit", summary: "shows who changed what, from where, and what came of it",
    discussion: """
      Every change by a command, the dashboard, the admin API, a file, a signal or Ballast itself. Entries \
      hold the hash of the one before: `audit verify` finds any that was altered, removed or moved.
      """,
    options: [
      Option("actor", value: "NAME", "only of this user; `ballast` is the machine"),
      Option(
        "action", value: "ACTION", "only this one: `server.change`, or all that begin so: `config.`"
      ),
      Option("subject", value: "NAME", "only of this, such as shop or shop/s1"),
      Option(
        "source", value: "SOURCE", "only of what came so",
        choices: AuditRecord.Source.allCases.map(\.rawValue)),
      Option(
        "result", value: "RESULT", "only with this result",
        choices: AuditRecord.Result.allCases.map(\.rawValue)),
      Option("since", value: "DURATION", "only of the last 30m, 24h …"),
      Option(
        "lines", short: "n", value: "COUNT",
        "how many newest entries (default \(Listing.usualRecords))"),
      stateOption,
    ],
    examples: [
      Example("ballast audit", "the newest changes"),
      Example("ballast audit --subject shop --since 24h", "what was done to shop today"),
      Example(
        "ballast audit --action config. -o json", "changes of the configuration, for a program"),
      Example("ballast audit --state /var/lib/ballast", "of a Ballast that does not run"),
    ],
    formats: OutputFormat.list, remote: true, run: runList)

  static let show = Command(
    name: "audit show", summary: "shows one entry of the audit log with what was before and after",
    arguments: [Argument(name: "NUMBER", summary: "the entry's number")],
    options: [stateOption],
    examples: [Example("ballast audit show 42", "all about entry 42")],
    formats: OutputFormat.single, remote: true, run: runShow)

  static let head = Command(
    name: "audit head", summary: "prints number and hash of the newest entry",
    discussion: """
      A line to be kept where nobody can change it: with it, `audit verify --head` also finds a log that \
      was cut off at its end or written anew. `audit.head` in the configuration keeps them by itself.
      """,
    options: [stateOption],
    examples: [
      Example("ballast audit head >> /mnt/worm/ballast.heads", "one more line for `--head`"),
      Example("ballast audit head -o json", "and who else has it"),
    ],
    formats: OutputFormat.single, remote: true, run: runHead)

  // MARK: List

  private static func runList(_ invocation: Invocation) throws(CommandFailure) -> ExitStatus {
    let limit = try invocation.number(
      "lines", default: Listing.usualRecords, in: 1...Listing.mostRecords)
    let filter = try filter(invocation)
    let bytes: [UInt8]
    if let folder = invocation.values["state"] {
      let entries = try BackupCommand.stored { () throws(StoreError) in
        try RestingAudit(folder: folder).entries(filter, limit: limit)
      }
      bytes = try encoded(entries)
    } else {
      let client = try AdminClient(invocation)
      bytes = try client.get(AdminPath("audit").query(query(filter, limit)))
    }
    let entries = try decoded([AuditEntry].self, bytes)
    switch invocation.format {
    case .name: entries.forEach { invocation.console.print("\($0.number)") }
    case .json, .yaml:
      if let value = JSONValue(parsing: bytes) { invocation.printData(value) }
    case .table, .wide:
      if entries.isEmpty {
        invocation.console.message("no entries")
      } else {
        invocation.printTable(Table.audit(entries))
      }
    }
    return .done
  }

  private static func filter(_ invocation: Invocation) throws(CommandFailure) -> AuditFilter {
    var filter = AuditFilter()
    filter.actor = invocation.values["actor"]
    filter.action = invocation.values["action"]
    filter.subject = invocation.values["subject"]
    filter.source = invocation.values["source"].flatMap(AuditRecord.Source.init)
    filter.result = invocation.values["result"].flatMap(AuditRecord.Result.init)
    if let text = invocation.values["since"] {
      guard let span = HumanText.parseDuration(text) else {
        throw .wrongUsage("--since is a length of time such as 30m or 24h, not '\(text)'")
      }
      filter.since = WallTime(milliseconds: HumanText.now.milliseconds - span.milliseconds)
    }
    return filter
  }

  private static func query(_ filter: AuditFilter, _ limit: Int) -> KeyValuePairs<String, String?> {
    [
      "limit": "\(limit)", "actor": filter.actor, "action": filter.action,
      "subject": filter.subject, "source": filter.source?.rawValue,
      "result": filter.result?.rawValue, "since": filter.since?.description,
    ]
  }

  // MARK: One

  private static func runShow(_ invocation: Invocation) throws(CommandFailure) -> ExitStatus {
    let number = try Invocation.number(try invocation.required(0), "NUMBER", in: 1...Int.max)
    let bytes: [UInt8]
    if let folder = invocation.values["state"] {
      let entry = try BackupCommand.stored { () throws(StoreError) in
        try RestingAudit(folder: folder).entry(Int64(number))
      }
      guard let entry else { throw .failed("there is no audit entry \(number)") }
      bytes = try encoded(entry)
    } else {
      bytes = try AdminClient(invocation).get(AdminPath("audit", "\(number)"))
    }
    let entry = try decoded(AuditEntry.self, bytes)
    if let value = JSONValue(parsing: bytes), invocation.printData(value) { return .done }
    let lines = Card.audit(entry).lines(
      colors: invocation.console.colorsOutput, width: invocation.console.width)
    invocation.console.print(lines.joined(separator: "\n"))
    return .done
  }

  private static func runHead(_ invocation: Invocation) throws(CommandFailure) -> ExitStatus {
    if let folder = invocation.values["state"] {
      let (head, removed) = try BackupCommand.stored { () throws(StoreError) in
        try RestingAudit(folder: folder).head()
      }
      let status = AuditHeadStatus(
        number: head.number, hash: "\(head.hash)", entries: max(head.number &- removed, 0),
        removed: removed, exports: [])
      return try print(status, try encoded(status), invocation)
    }
    let client = try AdminClient(invocation)
    let bytes = try client.get(AdminPath("audit", "head"))
    return try print(try client.decode(AuditHeadStatus.self, bytes), bytes, invocation)
  }

  private static func print(
    _ status: AuditHeadStatus, _ bytes: [UInt8], _ invocation: Invocation
  ) throws(CommandFailure) -> ExitStatus {
    if let value = JSONValue(parsing: bytes), invocation.printData(value) { return .done }
    guard let hash = AuditHash(status.hash) else { throw .failed("the answer has no hash") }
    let head = AuditHead(number: status.number, hash: hash)
    invocation.console.write(AuditHeadFile.line(head, at: HumanText.now))
    return .done
  }

  // MARK: JSON

  static func encoded(_ value: some Encodable) throws(CommandFailure) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    guard let bytes = try? encoder.encode(value) else {
      throw .failed("this cannot be written as JSON")
    }
    return [UInt8](bytes)
  }

  static func decoded<Value: Decodable>(
    _ type: Value.Type, _ bytes: [UInt8]
  ) throws(CommandFailure) -> Value {
    guard let value = try? JSONDecoder().decode(type, from: Data(bytes)) else {
      throw .failed("the answer is not understood; is it Ballast, and of this version?")
    }
    return value
  }
}
