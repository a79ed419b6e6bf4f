import Primitives

extension PrimaryStandbyMachine {
  mutating func decide(now: Instant, _ actions: inout [StandbyAction]) {
    nextDeadline = nil
    if case .active(let name, let address) = state {
      judge(name, address, now: now, &actions)
    }
    if case .vacant(let vacancy) = state { fill(vacancy, now: now, &actions) }
  }

  /// Whether the active one stays.
  private mutating func judge(
    _ name: String, _ address: String, now: Instant, _ actions: inout [StandbyAction]
  ) {
    guard let server = servers.first(where: { $0.name == name && $0.address == address }) else {
      return deactivate(name, .gone(name), now: now, &actions)
    }
    if server.hasFailed {
      guard servers.contains(where: { $0.isFit }) else { return }
      let reason: StandbyReason = server.health == .unhealthy ? .failed(name) : .takenOut(name)
      return deactivate(name, reason, now: now, &actions)
    }
    guard policy.switchBack == .whenHealthy, !record.isHeld else { return }
    for preferred in servers.prefix(while: { $0.name != name }) {
      guard let since = fitSince[preferred.name], !refused.contains(preferred.name) else {
        continue
      }
      let due = since + policy.after
      if due <= now {
        return deactivate(name, .switchBack, first: preferred.name, now: now, &actions)
      }
      nextDeadline = min(nextDeadline ?? due, due)
    }
  }

  private mutating func deactivate(
    _ name: String, _ reason: StandbyReason, first: String? = nil, ordered: String? = nil,
    now: Instant, _ actions: inout [StandbyAction]
  ) {
    record.active = nil
    record.address = nil
    record.former = name
    record.isHeld = false
    nextDeadline = nil
    state = .vacant(Vacancy(reason: reason, began: now, first: first ?? ordered, ordered: ordered))
    actions.append(.deactivate(name, reason))
  }

  /// Begins a promotion, if there is a candidate.
  private mutating func fill(
    _ vacancy: Vacancy, now: Instant, _ actions: inout [StandbyAction]
  ) {
    var vacancy = vacancy
    if let retryAt = vacancy.retryAt, retryAt <= now {
      vacancy.retryAt = nil
      vacancy.tried = []
    }
    guard let server = next(vacancy, now: now) else {
      nextDeadline = vacancy.retryAt
      if isWaitingForChecks(vacancy, now: now) {
        nextDeadline = vacancy.began + StandbyPolicy.firstChecks
      }
      state = .vacant(vacancy)
      return
    }
    // 2^64 promotions take longer than any service lives.
    record.epoch &+= 1
    record.candidate = server.name
    let promotion = StandbyPromotion(
      server: server.name, epoch: record.epoch,
      from: record.former == server.name ? nil : record.former, reason: vacancy.reason)
    state = .promoting(promotion, address: server.address, vacancy)
    actions.append(.promote(promotion))
  }

  private func next(_ vacancy: Vacancy, now: Instant) -> StandbyServer? {
    let isWaiting = isWaitingForChecks(vacancy, now: now)
    for server in inOrder(vacancy) {
      if server.isFit, !vacancy.tried.contains(server.name) { return server }
      if isWaiting, server.health == .unknown { return nil }
    }
    return nil
  }

  private func inOrder(_ vacancy: Vacancy) -> [StandbyServer] {
    servers.filter { $0.name == vacancy.first } + servers.filter { $0.name != vacancy.first }
  }

  private func isWaitingForChecks(_ vacancy: Vacancy, now: Instant) -> Bool {
    vacancy.reason == .began && vacancy.tried.isEmpty && vacancy.failedRounds == 0
      && now < vacancy.began + StandbyPolicy.firstChecks
  }

  // MARK: The end of a hook

  mutating func ended(
    _ epoch: UInt64, _ succeeded: Bool, _ detail: String, now: Instant,
    _ actions: inout [StandbyAction]
  ) {
    guard case .promoting(let promotion, let address, var vacancy) = state,
      promotion.epoch == epoch
    else { return }
    let name = promotion.server
    record.candidate = nil
    let server = servers.first { $0.name == name && $0.address == address }
    if succeeded, let server, server.isFit {
      record.active = name
      record.address = address
      record.isHeld = vacancy.ordered == name
      refused.remove(name)
      state = .active(name: name, address: address)
      actions.append(.activate(promotion, vacantFor: now - vacancy.began, detail: detail))
      return
    }
    if vacancy.reason == .switchBack, vacancy.first == name { refused.insert(name) }
    // Who was active before goes before the others when its successor by intent could not be.
    if vacancy.first == name { vacancy.first = record.former }
    vacancy.tried.insert(name)
    var wait: TimeSpan?
    if next(vacancy, now: now) == nil {
      vacancy.failedRounds = min(vacancy.failedRounds + 1, 1_000)
      let backoff = StandbyPolicy.backoff(failures: vacancy.failedRounds)
      vacancy.retryAt = now + backoff
      wait = backoff
    }
    state = .vacant(vacancy)
    let why = succeeded ? "its hook succeeded, but it is no longer healthy there" : detail
    actions.append(.tellFailure(promotion, detail: why, retryIn: wait))
  }

  // MARK: An operator's order

  /// - Precondition: it has no refusal.
  mutating func order(_ name: String, now: Instant, _ actions: inout [StandbyAction]) {
    switch state {
    case .active(let active, _):
      deactivate(active, .ordered, ordered: name, now: now, &actions)
    case .vacant(let vacancy):
      // A fault stays one, whoever ends it.
      state = .vacant(
        Vacancy(
          reason: vacancy.reason.isFault ? vacancy.reason : .ordered, began: vacancy.began,
          first: name, ordered: name, failedRounds: vacancy.failedRounds))
    case .promoting: break
    }
  }
}
