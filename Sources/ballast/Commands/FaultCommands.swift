internal import AdminAPI
internal import Faults

/// `faults`, `faults resolve` and the like.
enum FaultCommands {
  static let list = Command(
    name: "faults", summary: "shows fault records, MTBF, MTTR and availability",
    discussion: """
      A record is one root cause; what follows from it, or is a part of it, hangs beneath and is shown \
      with --all or by `describe fault ID`. MTBF is the time watched for each fault, MTTR the mean time \
      from a fault's beginning to its end, MTTA from when it was certain until somebody acknowledged it.
      """,
    arguments: [
      Argument(
        name: "SERVICE", summary: "only of this service", count: .optional,
        completion: .names(of: .services))
    ],
    options: [
      Option("open", "only those that are not resolved"),
      Option("all", "every record by itself, also those beneath others"),
      Option("summary", "only the figures of each service"),
      Option("months", "the figures of each month, with what is left of the error budget"),
      Option(
        "objective", value: "PERCENT",
        "for --months: the availability that is to be reached (default: its slo, else 99.9%)"),
      Option(
        "lines", short: "n", value: "COUNT",
        "how many newest records (default \(Listing.usualRecords))"),
    ],
    examples: [
      Example("ballast faults", "the newest faults, and the figures of each service"),
      Example("ballast faults shop --open", "what is wrong with shop now"),
      Example("ballast faults --summary -o json", "the figures, for programs"),
      Example("ballast faults shop --months --objective 99.95%", "what is left of its budget"),
    ],
    formats: OutputFormat.list, remote: true, run: runList)

  static let resolve = Command(
    name: "faults resolve", summary: "closes a fault record with its cause",
    arguments: [
      Argument(name: "ID", summary: "the record's number", completion: .names(of: .faults))
    ],
    options: [Option("cause", value: "TEXT", "what it was, for the record")],
    examples: [
      Example("ballast faults resolve 12 --cause \"disk full\"", "closes record 12")
    ],
    formats: OutputFormat.single, remote: true, run: runResolve)

  static let acknowledge = Command(
    name: "faults acknowledge", summary: "says that you look after a fault",
    arguments: [
      Argument(name: "ID", summary: "the record's number", completion: .names(of: .faults))
    ],
    options: [Option("note", value: "TEXT", "what you are doing about it, for the record")],
    examples: [
      Example("ballast faults acknowledge 12", "others see that somebody is at it"),
      Example("ballast faults acknowledge 12 --note \"new disk ordered\"", "and what is done"),
    ],
    formats: OutputFormat.single, remote: true, run: runAcknowledge)

  static let cause = Command(
    name: "faults cause", summary: "says what the cause of a fault was, without closing it",
    arguments: [
      Argument(name: "ID", summary: "the record's number", completion: .names(of: .faults)),
      Argument(name: "TEXT", summary: "what it was"),
    ],
    examples: [
      Example("ballast faults cause 12 \"a bad switch\"", "the inferred cause is kept beside it")
    ],
    formats: OutputFormat.single, remote: true, run: runCause)

  static let timeline = Command(
    name: "faults timeline", summary: "shows what happened around a fault, on one clock",
    discussion: """
      From ten minutes before its first sign, of which only changes are shown (deployments, \
      configuration, scaling, what persons did), to two minutes after its end.
      """,
    arguments: [
      Argument(name: "ID", summary: "the record's number", completion: .names(of: .faults))
    ],
    examples: [Example("ballast faults timeline 12", "what came before it, and what was done")],
    formats: OutputFormat.list, remote: true, run: runTimeline)

  private static func runAcknowledge(_ invocation: Invocation) throws(CommandFailure) -> ExitStatus
  {
    let id = try number(invocation)
    let client = try AdminClient(invocation)
    let bytes = try client.post(
      AdminPath("faults", "\(id)", "acknowledge"),
      FaultAcknowledgement(note: invocation.values["note"]))
    try invocation.printAnswer(bytes) { () throws(CommandFailure) in
      let fault = try client.decode(FaultRecord.self, bytes)
      let person = fault.acknowledgedBy.map { " by \(HumanText.printable($0))" } ?? ""
      return "fault \(fault.id): acknowledged\(person)"
    }
    return .done
  }

  private static func runCause(_ invocation: Invocation) throws(CommandFailure) -> ExitStatus {
    let id = try number(invocation)
    let cause = try invocation.required(1)
    guard !cause.isEmpty else { throw .wrongUsage("TEXT is empty: what the fault was") }
    let client = try AdminClient(invocation)
    let bytes = try client.put(AdminPath("faults", "\(id)"), FaultResolution(cause: cause))
    try invocation.printAnswer(bytes) { () throws(CommandFailure) in
      let fault = try client.decode(FaultRecord.self, bytes)
      return "fault \(fault.id): \(HumanText.printable(fault.cause))"
    }
    return .done
  }

  private static func runTimeline(_ invocation: Invocation) throws(CommandFailure) -> ExitStatus {
    let id = try number(invocation)
    let client = try AdminClient(invocation)
    let bytes = try client.get(AdminPath("faults", "\(id)", "timeline"))
    if invocation.printData(JSONValue(parsing: bytes) ?? .array([])) { return .done }
    invocation.printTable(.moments(try client.decode([FaultMoment].self, bytes)))
    return .done
  }

  private static func number(_ invocation: Invocation) throws(CommandFailure) -> Int {
    try Invocation.number(try invocation.required(0), "ID", in: 1...Int.max)
  }

  private static func runList(_ invocation: Invocation) throws(CommandFailure) -> ExitStatus {
    let client = try AdminClient(invocation)
    let service = invocation.argument(0)
    var query = Listing.Query(service: service, openFaultsOnly: invocation.has("open"))
    query.allFaults = invocation.has("all")
    query.records = try invocation.number(
      "lines", default: Listing.usualRecords, in: 1...Listing.mostRecords)
    if invocation.has("months") { return try runMonths(service, client, invocation) }
    guard invocation.values["objective"] == nil else {
      throw .wrongUsage("--objective is for --months")
    }
    let people = invocation.format == .table || invocation.format == .wide
    if !invocation.has("summary") {
      let listing = try Listing.fetch(.faults, client, query)
      if listing.elements.isEmpty, let service { try GetCommand.requireService(service, client) }
      invocation.printListing(listing)
      guard people else { return .done }
      if !listing.elements.isEmpty { invocation.console.print("") }
    }
    let bytes = try client.get(AdminPath("faults", "summary"))
    let summaries = try client.decode([FaultSummary].self, bytes)
    let kept = summaries.indices.filter { service == nil || summaries[$0].service == service }
    let elements = JSONValue(parsing: bytes)?.elements ?? []
    let chosen = kept.compactMap { elements.indices.contains($0) ? elements[$0] : nil }
    if invocation.printData(.array(chosen)) { return .done }
    let table = Table.summaries(kept.map { summaries[$0] })
    if people {
      if !table.rows.isEmpty { invocation.printTable(table) }
    } else {
      table.rows.forEach { invocation.console.print($0.name) }
    }
    return .done
  }

  private static func runMonths(
    _ service: String?, _ client: AdminClient, _ invocation: Invocation
  ) throws(CommandFailure) -> ExitStatus {
    let path = AdminPath("faults", "months").query([
      "service": service, "objective": invocation.values["objective"],
    ])
    let bytes: [UInt8]
    do throws(CommandFailure) {
      bytes = try client.get(path)
    } catch {
      if error.isNotFound, let service { try GetCommand.requireService(service, client) }
      throw error
    }
    if invocation.printData(JSONValue(parsing: bytes) ?? .array([])) { return .done }
    invocation.printTable(.months(try client.decode([FaultMonth].self, bytes)))
    return .done
  }

  private static func runResolve(_ invocation: Invocation) throws(CommandFailure) -> ExitStatus {
    guard let cause = invocation.values["cause"], !cause.isEmpty else {
      throw .wrongUsage("--cause TEXT is missing: what the fault was")
    }
    let id = try number(invocation)
    let client = try AdminClient(invocation)
    let bytes = try client.post(
      AdminPath("faults", "\(id)", "resolve"), FaultResolution(cause: cause))
    try invocation.printAnswer(bytes) { () throws(CommandFailure) in
      let fault = try client.decode(FaultRecord.self, bytes)
      let duration = fault.duration.map { " after \(HumanText.duration(seconds: $0))" } ?? ""
      return "fault \(fault.id): resolved\(duration), \(HumanText.printable(fault.cause))"
    }
    return .done
  }
}
