internal import AdminAPI
internal import Primitives

/// `deploy`, `rollback` and `abort`: another revision of a service's replicas, and the way back.
enum DeployCommands {
  static let deploy = Command(
    name: "deploy", summary: "deploys another version or image of a service",
    discussion: """
      Takes what `run` says in the file with another version, which `${VERSION}` in it stands for, or another \
      image. Without both it goes back to what the file says. It holds until the file names another `run`. \
      How the new replicas take the place of the old ones says the key `deploy`. Waits for the end; exit 1 \
      when it is rolled back, with the last lines of a replica.
      """,
    arguments: [serviceArgument],
    options: [
      Option("version", value: "VERSION", "what ${VERSION} in `run` stands for"),
      Option("image", value: "IMAGE", "of a service of containers"),
      Option("supersede", "takes the place of a deployment under way, which goes back first"),
    ] + waiting,
    examples: [
      Example("ballast deploy shop --version 1.5", "version 1.5 in the place of what runs"),
      Example("ballast deploy shop --image shop:1.5 --no-wait", "begins it and returns"),
    ],
    formats: OutputFormat.single, remote: true
  ) { invocation throws(CommandFailure) in
    try run(
      invocation, "deploy",
      DeployRequest(
        version: invocation.values["version"], image: invocation.values["image"],
        supersede: invocation.has("supersede")), goesForward: true)
  }

  static let rollback = Command(
    name: "rollback", summary: "brings back what a service ran before",
    discussion: """
      The revision before the one that runs, or that of a deployment that `ballast get deployments` lists. \
      A deployment that is under way goes back instead. It holds until the file names another `run`.
      """,
    arguments: [serviceArgument],
    options: [Option("to", value: "NUMBER", "the deployment whose revision shall run")] + waiting,
    examples: [
      Example("ballast rollback shop", "what ran before"),
      Example("ballast rollback shop --to 12", "what deployment 12 brought"),
    ],
    formats: OutputFormat.single, remote: true
  ) { invocation throws(CommandFailure) in
    var order = DeploymentRollback()
    if invocation.values["to"] != nil {
      order.to = Int64(try invocation.number("to", default: 1, in: 1...Int.max))
    }
    return try run(invocation, "rollback", order, goesForward: order.to != nil)
  }

  static let abort = Command(
    name: "abort", summary: "takes a service's deployment back",
    discussion: "The old replicas take all requests again, and the new ones end.",
    arguments: [serviceArgument],
    options: [Option("reason", value: "TEXT", "why, for the history")] + waiting,
    examples: [Example("ballast abort shop --reason \"wrong prices\"", "back, and says why")],
    formats: OutputFormat.single, remote: true
  ) { invocation throws(CommandFailure) in
    try run(
      invocation, "abort", DeploymentAbort(reason: invocation.values["reason"]), goesForward: false)
  }

  static func promote(
    _ service: String, _ invocation: Invocation
  ) throws(CommandFailure) -> ExitStatus {
    let client = try AdminClient(invocation)
    let bytes = try post(client, service, "promote", [String: String]())
    let order = try client.decode(DeploymentOrder.self, bytes)
    try invocation.printAnswer(bytes) { HumanText.printable(order.message) }
    return .done
  }

  private static let usualTimeout = TimeSpan.minutes(30)
  private static let serviceArgument = Argument(
    name: "SERVICE", summary: "a service that Ballast runs itself",
    completion: .names(of: .services))
  private static let waiting = [
    Option("no-wait", "returns when Ballast has taken the order"),
    Option(
      "timeout", value: "DURATION",
      "how long to wait, such as 30s or 5m (default \(usualTimeout)); it goes on without you"),
  ]

  private static func post(
    _ client: AdminClient, _ service: String, _ verb: String, _ body: some Encodable
  ) throws(CommandFailure) -> [UInt8] {
    do throws(CommandFailure) {
      return try client.post(AdminPath("services", service, verb), body)
    } catch {
      if error.isNotFound { try GetCommand.requireService(service, client) }
      throw error
    }
  }

  /// - Parameter goesForward: going back is the end that is wished for otherwise.
  private static func run(
    _ invocation: Invocation, _ verb: String, _ body: some Encodable, goesForward: Bool
  ) throws(CommandFailure) -> ExitStatus {
    let service = try invocation.required(0)
    let timeout = try invocation.timeout(usualTimeout)
    let client = try AdminClient(invocation)
    let bytes = try post(client, service, verb, body)
    let order = try client.decode(DeploymentOrder.self, bytes)
    guard !invocation.has("no-wait"), order.state != .unchanged else {
      try invocation.printAnswer(bytes) { HumanText.printable(order.message) }
      return .done
    }
    return try DeploymentWatch(
      invocation: invocation, client: client, order: order, timeout: timeout
    ).run(goesForward: goesForward)
  }
}
