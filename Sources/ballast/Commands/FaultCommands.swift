internal import AdminAPI
internal import Faults

/// `faults` and `faults resolve`.
enum FaultCommands {
  static let list = Command(
    name: "faults", summary: "shows fault records, MTBF, MTTR and availability",
    discussion:
      "MTBF is the time watched for each fault, MTTR the mean time from a fault's beginning to its end.",
    arguments: [
      Argument(
        name: "SERVICE", summary: "only of this service", count: .optional,
        completion: .names(of: .services))
    ],
    options: [
      Option("open", "only those that are not resolved"),
      Option("summary", "only the figures of each service"),
      Option(
        "lines", short: "n", value: "COUNT",
        "how many newest records (default \(Listing.usualRecords))"),
    ],
    examples: [
      Example("ballast faults", "the newest faults, and the figures of each service"),
      Example("ballast faults shop --open", "what is wrong with shop now"),
      Example("ballast faults --summary -o json", "the figures, for programs"),
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

  private static func runList(_ invocation: Invocation) throws(CommandFailure) -> ExitStatus {
    let client = try AdminClient(invocation)
    let service = invocation.argument(0)
    var query = Listing.Query(service: service, openFaultsOnly: invocation.has("open"))
    query.records = try invocation.number(
      "lines", default: Listing.usualRecords, in: 1...Listing.mostRecords)
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

  private static func runResolve(_ invocation: Invocation) throws(CommandFailure) -> ExitStatus {
    guard let cause = invocation.values["cause"], !cause.isEmpty else {
      throw .wrongUsage("--cause TEXT is missing: what the fault was")
    }
    let id = try Invocation.number(try invocation.required(0), "ID", in: 1...Int.max)
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
