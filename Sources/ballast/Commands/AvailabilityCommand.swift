internal import AdminAPI
internal import Faults

/// `availability`: predicted from the faults of the servers, and measured.
enum AvailabilityCommand {
  static let command = Command(
    name: "availability",
    summary: "shows a service's availability, predicted and measured, and what would raise it",
    discussion:
      "Predicted from the MTBF and MTTR of its servers and the share of faults that several had at once; docs/availability.md has the formulas. How many servers must work is 1, or with limits.requests what the most requests under way in the last ten minutes take, or K.",
    arguments: [
      Argument(name: "SERVICE", summary: "its name", completion: .names(of: .services))
    ],
    options: [Option("need", value: "K", "how many servers must work for the service to")],
    examples: [
      Example("ballast availability shop", "minutes down a month, and what one more server buys"),
      Example("ballast availability shop --need 2 -o json", "when one server is too few"),
    ],
    formats: OutputFormat.single, remote: true, run: run)

  private static let mostNeeded = 1_000

  private static func run(_ invocation: Invocation) throws(CommandFailure) -> ExitStatus {
    let service = try invocation.required(0)
    var path = AdminPath("services", service, "availability")
    if invocation.has("need") {
      let needed = try invocation.number("need", default: 1, in: 1...mostNeeded)
      path = path.query(["need": "\(needed)"])
    }
    let client = try AdminClient(invocation)
    let bytes: [UInt8]
    do throws(CommandFailure) {
      bytes = try client.get(path)
    } catch {
      if error.isNotFound { try GetCommand.requireService(service, client) }
      throw error
    }
    if let value = JSONValue(parsing: bytes), invocation.printData(value) { return .done }
    let report = try client.decode(AvailabilityReport.self, bytes)
    let console = invocation.console
    let card = Card.availability(report)
    console.print(
      card.lines(colors: console.colorsOutput, width: console.width).joined(separator: "\n"))
    return .done
  }
}
