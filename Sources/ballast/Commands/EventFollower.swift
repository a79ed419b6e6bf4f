internal import AdminAPI
internal import Faults

/// `events -f`: the list, then the stream, with no event twice and none left out between them or
/// over a lost connection.
final class EventFollower {
  let invocation: Invocation
  let client: AdminClient
  let service: String?
  private var last: Int64 = 0
  private var widths: [Int] = []
  private var titled = false
  private var patience = Patience()

  init(invocation: Invocation, client: AdminClient, service: String?) {
    self.invocation = invocation
    self.client = client
    self.service = service
  }

  /// Ends only with an error, or with the process.
  func run(after listing: Listing) throws(CommandFailure) {
    show(listing)
    while true {
      do throws(CommandFailure) {
        try follow()
        throw CommandFailure(status: .notReachable, message: "the stream ended")
      } catch {
        try patience.endure(error, everWorked: true, invocation.console)
      }
    }
  }

  private func follow() throws(CommandFailure) {
    var events = ServerSentEvents()
    var problem: CommandFailure?
    func attempt(_ work: () throws(CommandFailure) -> Void) -> Bool {
      do throws(CommandFailure) {
        try work()
      } catch {
        problem = error
      }
      return problem == nil
    }
    // The list is read again once the stream stands: what happens meanwhile is in one or both.
    let path = AdminPath("events").query(["follow": "", "service": service])
    try client.stream(path, onOpen: { _ = attempt(catchUp) }) { line in
      guard problem == nil else { return false }
      guard let event = events.take(line), event.name == "event" else { return true }
      return attempt { () throws(CommandFailure) in try take(event.data) }
    }
    if let problem { throw problem }
  }

  private func catchUp() throws(CommandFailure) {
    patience.restore()
    let path = AdminPath("events").query([
      "service": service, "after": "\(last)", "limit": "\(Listing.mostRecords)",
    ])
    let bytes = try client.get(path)
    for element in JSONValue(parsing: bytes)?.elements ?? [] { try take(element.compactText) }
  }

  private func take(_ json: String) throws(CommandFailure) {
    let bytes = Array(json.utf8)
    let record = try client.decode(EventRecord.self, bytes)
    guard record.id > last, service == nil || record.service == service,
      let element = JSONValue(parsing: bytes)
    else { return }
    show(Listing(kind: .events, elements: [element], table: .events([record])))
  }

  private func show(_ listing: Listing) {
    let console = invocation.console
    switch invocation.format {
    case .json: listing.elements.forEach { console.print($0.compactText) }
    case .yaml: listing.elements.forEach { console.write("---\n" + YAMLText.text($0)) }
    case .name: listing.table.rows.forEach { console.print($0.name) }
    case .table, .wide:
      let lines = listing.table.lines(
        wide: invocation.format == .wide, colors: console.colorsOutput, width: console.width,
        titles: !titled, least: widths)
      for line in lines { console.print(line) }
      titled = true
      let wider = listing.table.widths
      widths = wider.indices.map { max(wider[$0], widths.indices.contains($0) ? widths[$0] : 0) }
    }
    if let newest = listing.table.rows.compactMap({ Int64($0.name) }).max() {
      last = max(last, newest)
    }
  }
}
