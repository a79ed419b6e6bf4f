public import Primitives

extension ServiceBalancer {
  /// As `Balancer.choose`.
  public mutating func choose(
    _ request: Balancer.Request, loads: [ServerLoad], now: Instant, random: inout SeededRandom
  ) -> Balancer.Choice {
    guard division != nil else {
      return old.choose(request, loads: loads, now: now, random: &random)
    }
    let (isNew, reason) = version(of: request, loads, now)
    let choice = choose(isNew, request, loads, now, &random)
    guard mayLeave(choice, isNew, reason, request, loads, now) else { return choice }
    let other = choose(!isNew, request, loads, now, &random)
    if choice == .none || isGood(other, request, loads, now) { return other }
    return choice
  }

  /// What gave a request to a version.
  enum VersionReason {
    case rule, session, share, retry
  }

  mutating func version(
    of request: Balancer.Request, _ loads: [ServerLoad], _ now: Instant
  ) -> (isNew: Bool, VersionReason) {
    if request.isForNew { return (true, .rule) }
    if let session = request.session, !request.tried.contains(session) {
      if old.holdsSession(session, loads: loads, now: now) { return (false, .session) }
      if new.holdsSession(session, loads: loads, now: now) { return (true, .session) }
    }
    guard let share = division?.share, share > 0 else { return (false, .share) }
    if share >= 1 { return (true, .share) }
    // One request is one of its share. What failed once is not for trials.
    if request.tried.count > 0 { return (false, .retry) }
    let isNew =
      division?.isHashed == true
      ? division?.isNew(key: request.key) : division?.isNextNew()
    return (isNew ?? false, .share)
  }

  private mutating func choose(
    _ isNew: Bool, _ request: Balancer.Request, _ loads: [ServerLoad], _ now: Instant,
    _ random: inout SeededRandom
  ) -> Balancer.Choice {
    isNew
      ? new.choose(request, loads: loads, now: now, random: &random)
      : old.choose(request, loads: loads, now: now, random: &random)
  }

  /// Whether the other version is asked too. A new version without a share gets nothing because the
  /// old one is in trouble: nobody has looked at it yet, or it is on its way back.
  private func mayLeave(
    _ choice: Balancer.Choice, _ isNew: Bool, _ reason: VersionReason, _ request: Balancer.Request,
    _ loads: [ServerLoad], _ now: Instant
  ) -> Bool {
    switch choice {
    case .none: true
    // Whoever waits holds up those behind; a session has a line of its own.
    case .full: reason == .rule || reason != .session && division?.isPartial == true
    case .server:
      (isNew || division?.isPartial == true) && !isGood(choice, request, loads, now)
    }
  }

  /// A server that was not tried and is not ejected.
  private func isGood(
    _ choice: Balancer.Choice, _ request: Balancer.Request, _ loads: [ServerLoad], _ now: Instant
  ) -> Bool {
    guard case .server(let server) = choice, server >= 0, server < loads.count else { return false }
    return !request.tried.contains(server) && loads[server].breaker.admits(now)
  }
}
