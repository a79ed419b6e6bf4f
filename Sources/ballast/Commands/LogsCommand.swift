/// `logs`: what a service's replicas print.
enum LogsCommand {
  static let command = Command(
    name: "logs", summary: "shows what a service's replicas print",
    arguments: [
      Argument(
        name: "SERVICE", summary: "a service that Ballast runs itself",
        completion: .names(of: .services))
    ],
    options: [
      Option("follow", short: "f", "goes on with what comes"),
      Option(
        "lines", short: "n", value: "COUNT",
        "how many last lines of each replica (default \(usualLines))"),
      Option(
        "replica", value: "REPLICA", "only this one", completion: .names(of: .replicas)),
    ],
    examples: [
      Example("ballast logs shop -f", "all replicas of shop, live"),
      Example("ballast logs shop --replica shop-2 -n 20", "the last 20 lines of one"),
    ],
    remote: true, run: run)

  private static let usualLines = 100
  private static let mostLines = 100_000

  private static func run(_ invocation: Invocation) throws(CommandFailure) -> ExitStatus {
    let service = try invocation.required(0)
    var lines = try invocation.number("lines", default: usualLines, in: 0...mostLines)
    let follow = invocation.has("follow")
    let client = try AdminClient(invocation)
    var patience = Patience()
    var (worked, printed) = (false, false)
    while true {
      let path = AdminPath("services", service, "logs").query([
        "replica": invocation.values["replica"], "lines": "\(lines)", "follow": follow ? "" : nil,
      ])
      do throws(CommandFailure) {
        try client.stream(path, onOpen: { worked = true }) { line in
          patience.restore()
          printed = true
          invocation.console.print(line)
          return true
        }
        guard follow else {
          if !printed, lines > 0 {
            invocation.console.message(
              "nothing was printed yet; `ballast events --service \(service)` says what happened")
          }
          return .done
        }
        throw CommandFailure(status: .notReachable, message: "the stream ended")
      } catch {
        if error.isNotFound {
          try GetCommand.requireService(service, client)
          if let replica = invocation.values["replica"] {
            _ = try Listing.fetch(.replicas, client, .init(service: service)).named([replica])
          }
        }
        try patience.endure(error, everWorked: worked && follow, invocation.console)
        // What was there before is printed already.
        lines = 0
      }
    }
  }
}
