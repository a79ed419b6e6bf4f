enum GetCommand {
  static let command = Command(
    name: "get",
    summary:
      "lists services, servers, routes, listeners, replicas, deployments, certificates, faults, alerts, events, bans, backups, drills, sinks",
    arguments: [
      Argument(name: "KIND", summary: "what to list", completion: .words(Kind.names)),
      Argument(
        name: "NAME", summary: "only these; a service's name also takes its servers and replicas",
        count: .any, completion: .namesOfKindBefore),
    ],
    options: [
      Option("watch", short: "w", "goes on, and shows what changes"),
      Option(
        "service", value: "SERVICE", "only what belongs to this service",
        completion: .names(of: .services)),
      Option(
        "lines", short: "n", value: "COUNT",
        "how many faults, alerts or events at most (default \(Listing.usualRecords))"),
    ],
    examples: [
      Example("ballast get services", "every service with its state and load"),
      Example("ballast get servers shop -w", "the servers of shop, live"),
      Example("ballast get replicas -o json", "a JSON array, for programs"),
    ],
    formats: OutputFormat.list, remote: true, run: run)

  private static func run(_ invocation: Invocation) throws(CommandFailure) -> ExitStatus {
    let kind = try Kind.parse(try invocation.required(0))
    let names = Array(invocation.arguments.dropFirst())
    var query = Listing.Query()
    if let service = invocation.values["service"] {
      guard kind.belongsToService else {
        throw .wrongUsage("--service does not choose among \(kind.rawValue); write the name itself")
      }
      query.service = service
    }
    query.records = try invocation.number(
      "lines", default: Listing.usualRecords, in: 1...Listing.mostRecords)
    // Those that somebody names may be anywhere in the list.
    if kind == .alerts, !names.isEmpty { query.records = Listing.mostRecords }
    let client = try AdminClient(invocation)
    func look() throws(CommandFailure) -> Listing {
      try Listing.fetch(kind, client, query).named(names)
    }

    let first = try look()
    if first.elements.isEmpty, let service = query.service {
      try requireService(service, client)
    }
    guard invocation.has("watch") else {
      invocation.printListing(first)
      if kind == .alerts, names.isEmpty, first.elements.count == query.records {
        invocation.console.message("the first \(query.records); -n shows more")
      }
      return .done
    }
    var watch = ListingWatch(invocation: invocation)
    try watch.run(first, look)
    return .done
  }

  /// An error that names the nearest service, if there is none of this name.
  static func requireService(
    _ name: String, _ client: AdminClient
  ) throws(CommandFailure) {
    let services = try Listing.fetch(.services, client)
    guard services.table.rows.contains(where: { $0.name == name }) else {
      throw services.unknown(name)
    }
  }
}
