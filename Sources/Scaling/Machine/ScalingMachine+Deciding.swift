import Primitives

/// From what the signals ask for to what is done.
extension ScalingMachine {
  /// One look, on its way from the votes to the decision.
  private struct Look {
    var count: Int
    var wanted: Int
    /// The fewest and the most of this moment.
    var floor: Int
    var isScheduled: Bool
    var isMissing = false
  }

  mutating func decide(_ sample: ScalingSample, _ now: Instant) -> ScalingDecision {
    let votes = votes(sample, now)
    let leading = votes.filter { $0.replicas != nil }.max {
      ($0.replicas ?? 0) < ($1.replicas ?? 0)
    }
    let scheduled = min(policy.scheduled(at: sample.minuteOfWeek), policy.maximum)
    var look = Look(
      count: sample.count, wanted: leading?.replicas ?? sample.count,
      floor: max(policy.minimum, scheduled), isScheduled: scheduled > policy.minimum)
    // With nothing but a schedule, what it says is all there is to say.
    if policy.targets.isEmpty { look.wanted = look.floor }
    if look.wanted < sample.count, votes.contains(where: { $0.ballot == .missing }) {
      look.wanted = sample.count
      look.isMissing = true
    }
    var decision = ScalingDecision(
      from: sample.count, to: sample.count, wanted: look.wanted, reason: .steady)
    (decision.votes, decision.leading, decision.maximum) = (votes, leading, policy.maximum)
    if rests(sample, &look, now) {
      remember(0, now)
      decision.to = 0
      decision.wanted = 0
      decision.reason = sample.count == 0 ? .steady : .idle
      return changed(decision, now)
    }
    decision.isSaturated = look.wanted > policy.maximum
    settle(&decision, look, now)
    return changed(decision, now)
  }

  /// Whether the service needs no replica at all; until then one stays.
  private mutating func rests(
    _ sample: ScalingSample, _ look: inout Look, _ now: Instant
  ) -> Bool {
    guard policy.minimum == 0, look.floor == 0 else {
      idleSince = nil
      return false
    }
    guard let traffic = sample.traffic else {
      // Nobody knows: what runs stays, and what rests goes on resting.
      look.floor = min(1, sample.count)
      return sample.count == 0
    }
    guard traffic.isIdle else {
      idleSince = nil
      look.floor = 1
      return false
    }
    let since = idleSince ?? now
    idleSince = since
    if sample.count == 0 { return true }
    look.floor = 1
    if let order, now < order.until, order.count > 0 { return false }
    return now - since >= policy.idle
  }

  /// Bounds, windows, pace and orders, in this order.
  private mutating func settle(
    _ decision: inout ScalingDecision, _ look: Look, _ now: Instant
  ) {
    let (count, most) = (look.count, max(policy.maximum, look.floor))
    let bounded = min(max(look.wanted, look.floor), most)
    // What was before this machine began may have been needed.
    if began == nil { began = Recommendation(at: now, count: count) }
    remember(bounded, now)
    let steadied = min(max(throughWindows(bounded, count, now), look.floor), most)
    let paced = paced(steadied, count, now)
    var to = min(max(paced, look.floor), most)
    // What the floor lifts is not bound to the pace.
    let isLifted = look.wanted < look.floor || paced < look.floor
    var reason = reason(
      look, bounded: bounded, steadied: steadied, to: to, isLifted: isLifted, decision)
    if let order, now < order.until {
      let held = order.isExact ? order.count : max(to, order.count)
      let within = min(max(held, look.floor), most)
      if within != to || order.isExact && within != bounded { (to, reason) = (within, .order) }
    } else {
      order = nil
    }
    decision.to = to
    decision.reason = reason
  }

  private func reason(
    _ look: Look, bounded: Int, steadied: Int, to: Int, isLifted: Bool,
    _ decision: ScalingDecision
  ) -> ScalingDecision.Reason {
    if to == look.count {
      if look.isMissing { return .missingData }
      if steadied != to { return .pace }
      if bounded != to { return .window }
      if decision.isSaturated { return .maximum }
      return isLifted ? (look.isScheduled ? .schedule : .minimum) : .steady
    }
    if look.count == 0 { return .request }
    if to == look.floor, isLifted || policy.targets.isEmpty {
      return look.isScheduled || policy.targets.isEmpty ? .schedule : .minimum
    }
    if to < look.count, look.count > policy.maximum { return .maximum }
    return decision.leading.map { .init($0.signal) } ?? .schedule
  }

  // MARK: Windows and pace

  private mutating func remember(_ count: Int, _ now: Instant) {
    let oldest = max(policy.up.window, policy.down.window)
    recommendations.removeAll { now - $0.at > oldest }
    if recommendations.count >= Self.historyLimit { recommendations.removeFirst() }
    recommendations.append(Recommendation(at: now, count: count))
  }

  private func throughWindows(_ bounded: Int, _ count: Int, _ now: Instant) -> Int {
    func within(_ window: TimeSpan) -> [Int] {
      recommendations.filter { now - $0.at <= window }.map(\.count)
    }
    if bounded > count { return max(count, within(policy.up.window).min() ?? bounded) }
    if bounded < count {
      var most = within(policy.down.window).max() ?? bounded
      if let began, now - began.at < policy.down.window { most = max(most, began.count) }
      return min(count, most)
    }
    return bounded
  }

  private func paced(_ wanted: Int, _ count: Int, _ now: Instant) -> Int {
    if wanted > count {
      let pace = policy.up
      let start = count - changed(within: pace.per, now) { max(0, $0) }
      let most = max(
        start + pace.replicas, Self.ceiling(Double(max(0, start)) * (1 + pace.share)))
      return min(wanted, max(most, count))
    }
    if wanted < count {
      let pace = policy.down
      let start = count - changed(within: pace.per, now) { min(0, $0) }
      let kept = Int((Double(start) * max(0, 1 - pace.share) + 1e-9).rounded(.down))
      return max(wanted, min(min(start - pace.replicas, kept), count))
    }
    return wanted
  }

  private func changed(within span: TimeSpan, _ now: Instant, _ part: (Int) -> Int) -> Int {
    changes.filter { now - $0.at < span }.reduce(0) { $0 + part($1.by) }
  }
}
