internal import Faults

/// `events`: what happened, oldest first.
enum EventsCommand {
  static let command = Command(
    name: "events", summary: "shows what happened",
    options: [
      Option("follow", short: "f", "goes on with what comes; with -o json, a line each"),
      Option(
        "service", value: "SERVICE", "only of this service", completion: .names(of: .services)),
      Option(
        "lines", short: "n", value: "COUNT",
        "how many last events (default \(Listing.usualRecords))"),
    ],
    examples: [
      Example("ballast events -f", "what happens, as it happens"),
      Example("ballast events --service shop -n 10", "the last ten of shop"),
    ],
    formats: OutputFormat.list, remote: true, run: run)

  private static func run(_ invocation: Invocation) throws(CommandFailure) -> ExitStatus {
    let client = try AdminClient(invocation)
    var query = Listing.Query(service: invocation.values["service"])
    query.records = try invocation.number(
      "lines", default: Listing.usualRecords, in: 1...Listing.mostRecords)
    let listing = try Listing.fetch(.events, client, query)
    if listing.elements.isEmpty, let service = query.service {
      try GetCommand.requireService(service, client)
    }
    guard invocation.has("follow") else {
      invocation.printListing(listing)
      return .done
    }
    let follower = EventFollower(
      invocation: invocation, client: client, service: query.service)
    try follower.run(after: listing)
    return .done
  }
}
