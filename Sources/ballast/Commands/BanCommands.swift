internal import AdminAPI
internal import Primitives

/// `ban` and `unban`.
enum BanCommands {
  static let ban = Command(
    name: "ban", summary: "serves an address, or a block of them, no more",
    discussion:
      "Its open connections are cut off, new ones are closed at once. Kept over restarts until it is over or "
      + "lifted. Behind a trusted proxy the client is answered 403.",
    arguments: [
      Argument(name: "ADDRESS", summary: "203.0.113.7, or a block such as 203.0.113.0/24")
    ],
    options: [
      Option("for", value: "TIME", "how long, such as 10m or 24h; without it until `unban`"),
      Option("reason", value: "TEXT", "what for, for the record"),
    ],
    examples: [
      Example("ballast ban 203.0.113.7 --for 1h", "an hour without that client"),
      Example("ballast ban 2001:db8::/32 --reason scraping", "a block, until it is lifted"),
    ],
    formats: OutputFormat.single, remote: true, run: runBan)

  static let unban = Command(
    name: "unban", summary: "serves an address, or a block of them, again",
    arguments: [
      Argument(
        name: "ADDRESS", summary: "as `ballast get bans` names it", completion: .names(of: .bans))
    ],
    examples: [Example("ballast unban 203.0.113.7", "serves that client again")],
    formats: OutputFormat.single, remote: true, run: runUnban)

  private static func runBan(_ invocation: Invocation) throws(CommandFailure) -> ExitStatus {
    var request = BanRequest(
      address: try invocation.required(0), reason: invocation.values["reason"])
    if let text = invocation.values["for"] {
      guard let span = HumanText.parseDuration(text), span > .zero else {
        throw .wrongUsage("--for is a time such as 30s, 10m or 24h, not '\(text)'")
      }
      request.duration = span.seconds
    }
    let client = try AdminClient(invocation)
    let bytes = try client.post(AdminPath("bans"), request)
    try invocation.printAnswer(bytes) { () throws(CommandFailure) in
      let ban = try client.decode(BanStatus.self, bytes)
      let until = ban.until.map { " until \(HumanText.moment($0))" } ?? ", until it is lifted"
      return "\(ban.address): not served\(until)"
    }
    return .done
  }

  private static func runUnban(_ invocation: Invocation) throws(CommandFailure) -> ExitStatus {
    let address = try invocation.required(0)
    let client = try AdminClient(invocation)
    let bytes: [UInt8]
    do throws(CommandFailure) {
      bytes = try client.delete(AdminPath("bans", address))
    } catch {
      guard error.isNotFound else { throw error }
      let names = try Listing.fetch(.bans, client).table.rows.map(\.name)
      throw .failed(error.message, details: Suggestion.lines(address, among: names))
    }
    try invocation.printAnswer(bytes) { () throws(CommandFailure) in
      "\(try client.decode(BanStatus.self, bytes).address): served again"
    }
    return .done
  }
}
