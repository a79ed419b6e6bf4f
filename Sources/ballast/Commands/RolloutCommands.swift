internal import AdminAPI
internal import Primitives

/// `scale` and `restart`.
enum RolloutCommands {
  static let scale = Command(
    name: "scale", summary: "runs N replicas of a service",
    discussion: "Waits until they are ready. A failure prints the replica's last lines.",
    arguments: [
      serviceArgument,
      Argument(name: "N", summary: "how many replicas, 0 to \(mostReplicas)"),
    ],
    options: waiting,
    examples: [
      Example("ballast scale shop 3", "three replicas, and waits for them"),
      Example("ballast scale shop 3 --no-wait", "asks for three and returns"),
    ],
    formats: OutputFormat.single, remote: true
  ) { invocation throws(CommandFailure) in
    let replicas = try Invocation.number(try invocation.required(1), "N", in: 0...mostReplicas)
    return try run(invocation, "scale", ScaleRequest(replicas: replicas)) { _ in .count(replicas) }
  }

  static let restart = Command(
    name: "restart", summary: "restarts a service's replicas one by one",
    discussion:
      "Never fewer than before are ready. Waits for the last. A failure prints the replica's last lines.",
    arguments: [serviceArgument],
    options: waiting,
    examples: [Example("ballast restart shop --timeout 2m", "gives it two minutes")],
    formats: OutputFormat.single, remote: true
  ) { invocation throws(CommandFailure) in
    try run(invocation, "restart", [String: String]()) { before in
      .replaced(pids: Set(before.replicas.compactMap(\.pid)))
    }
  }

  private static let mostReplicas = 1_000
  private static let usualTimeout = TimeSpan.minutes(5)
  private static let serviceArgument = Argument(
    name: "SERVICE", summary: "a service that Ballast runs itself",
    completion: .names(of: .services))
  private static let waiting = [
    Option("no-wait", "returns when Ballast has taken the order"),
    Option(
      "timeout", value: "DURATION",
      "how long to wait, such as 30s or 5m (default \(usualTimeout))"),
  ]

  private static func run(
    _ invocation: Invocation, _ verb: String, _ body: some Encodable,
    goal: (ServiceDetail) -> RolloutGoal
  ) throws(CommandFailure) -> ExitStatus {
    let service = try invocation.required(0)
    let timeout = try invocation.timeout(usualTimeout)
    let client = try AdminClient(invocation)
    let before: ServiceDetail
    do throws(CommandFailure) {
      before = try client.get(ServiceDetail.self, AdminPath("services", service))
    } catch {
      if error.isNotFound { try GetCommand.requireService(service, client) }
      throw error
    }
    let bytes = try client.post(AdminPath("services", service, verb), body)
    if invocation.has("no-wait") {
      try invocation.printAnswer(bytes) { () throws(CommandFailure) in
        let status = try client.decode(ServiceStatus.self, bytes)
        let counts = status.replicas.map { "\($0.ready)/\($0.desired) replicas ready" }
        return "\(HumanText.printable(status.name)): \(counts ?? status.state.rawValue)"
      }
      return .done
    }
    return try RolloutWatch(
      invocation: invocation, client: client, service: service, goal: goal(before),
      timeout: timeout
    ).run()
  }
}
