internal import AdminAPI

extension Narrative {
  /// Where a request would go.
  init(_ told: RequestExplanation) {
    add(
      0,
      "\(told.method) \(told.host.map { "http://\($0)" } ?? "")\(told.target) from \(told.client)",
      tone: .strong)
    add(1, "listener \(told.listener): \(told.listenerReason)")
    add(1, told.routes.isEmpty ? "it has no routes" : "routes")
    for trial in told.routes { add(trial) }
    if told.service == nil, told.route != nil, let action = told.action {
      add(1, "Ballast answers itself: \(action)", .yes)
      return
    }
    guard let service = told.service else {
      add(1, "no route takes it: Ballast answers 404, no-route", .no)
      return
    }
    add(
      1,
      "service \(service), balanced by \(told.balance ?? "")"
        + (told.balanceReason.map { ": \($0)" } ?? ""))
    if let hashed = told.hashed {
      add(2, "hashed: \(hashed.joined(separator: ", ")) → \(told.hash ?? "")")
    }
    if let session = told.session { add(2, Self.sentence(session)) }
    for worker in told.workers { add(worker) }
    if let retries = told.retries { add(retries) }
    if let timeouts = told.timeouts { add(1, Self.sentence(timeouts)) }
  }

  private mutating func add(_ trial: RequestExplanation.RouteTrial) {
    let (host, path) = (trial.host ?? "any host", trial.path ?? "any path")
    switch trial.result {
    case "matched":
      let asked = [host, path] + (trial.conditions ?? [])
      let action = trial.action ?? trial.service ?? ""
      add(2, "\(trial.route): \(asked.joined(separator: ", ")) → \(action)", .yes)
    case "host": add(2, "\(trial.route): takes only the host \(host)", .no)
    case "path": add(2, "\(trial.route): takes only the path \(path)", .no)
    case "not-asked": add(2, "\(trial.route): not asked", .skipped, tone: .faint)
    default: add(2, "\(trial.route): takes only the \(trial.failed ?? trial.result)", .no)
    }
  }

  private static func sentence(_ session: RequestExplanation.Session) -> String {
    let who: String
    switch session.kind {
    case "inserted-cookie": who = "cookie \(session.cookie ?? "") of ours"
    case "learned-cookie": who = "cookie \(session.cookie ?? "") of the servers"
    default: who = "the client's address"
    }
    return session.server.map { "session: \(who) binds the client to \($0)" }
      ?? "session: none yet; \(who) would begin one"
  }

  private mutating func add(_ worker: RequestExplanation.Worker) {
    let waiting = worker.queued > 0 ? "; \(worker.queued) wait" : ""
    add(1, "worker \(worker.worker): \(worker.set)\(waiting)")
    var table = Table(
      columns: [
        .init(" "), .init("SERVER"), .init("ADDRESS"), .init("STANDING"),
        .init("WEIGHT", right: true), .init("SCORE", right: true),
        .init("IN FLIGHT", right: true),
      ], rows: [])
    for candidate in worker.candidates {
      let isChosen = worker.server == candidate.server
      let isOpen = candidate.standing == "open"
      table.rows.append(
        Table.Row(
          name: candidate.server,
          cells: [
            isChosen ? .init("✓", .good) : isOpen ? .init("·", .faint) : .init("✗", .bad),
            .init(candidate.server, isChosen ? .strong : .plain), .init(candidate.address),
            .init(candidate.standing, isOpen ? .plain : .warning),
            .init(candidate.weight.map(Self.number) ?? ""),
            .init(candidate.score.map(Self.number) ?? ""), .init("\(candidate.inflight)"),
          ]))
    }
    add(2, table)
    switch worker.choice {
    case "server": add(2, "→ \(worker.server ?? ""), by \(worker.chosenBy)", tone: .good)
    case "full": add(2, "→ waits: every server is at its limit", tone: .warning)
    default: add(2, "→ Ballast answers 503, no-healthy-server", tone: .bad)
    }
  }

  private mutating func add(_ retries: RequestExplanation.Retries) {
    guard retries.attempts > 0, !retries.on.isEmpty else {
      add(1, "a failed try is not repeated")
      return
    }
    let tries = retries.attempts == 1 ? "1 more try" : "\(retries.attempts) more tries"
    let each = retries.perTryTimeout.map { ", each \(HumanText.duration(seconds: $0)) at most" }
    let reasons = retries.on.joined(separator: ", ")
    add(
      1,
      "\(tries) after \(reasons)\(each ?? ""); budget \(HumanText.share(retries.budget)) of the requests"
    )
    if !retries.repeatable {
      add(2, "only while no server got it: \(notIdempotent)", tone: .faint)
    } else if let hedge = retries.hedgeAfter {
      add(2, "a second server is asked as well after \(HumanText.duration(seconds: hedge))")
    }
  }

  private var notIdempotent: String { "doing it twice may not be the same as once" }

  private static func sentence(_ timeouts: RequestExplanation.Timeouts) -> String {
    let all = [
      ("connect", timeouts.connect), ("answer", timeouts.response), ("idle", timeouts.idle),
      ("total", timeouts.total), ("waiting", timeouts.queue),
    ]
    let set = all.compactMap { name, value in
      value.map { "\(name) \(HumanText.duration(seconds: $0))" }
    }
    return set.isEmpty ? "no timeouts" : "timeouts: \(set.joined(separator: ", "))"
  }

  /// Three significant digits.
  private static func number(_ value: Double) -> String {
    guard value.isFinite, abs(value) < 1e15 else { return "" }
    if value == value.rounded() { return "\(Int(value))" }
    var (scale, size) = (1.0, abs(value))
    while size < 100, scale < 1e6 {
      scale *= 10
      size *= 10
    }
    return "\((value * scale).rounded() / scale)"
  }
}
