import Primitives

/// A deployment's way: which numbers of both revisions come next.
extension DeploymentMachine {
  mutating func steer(now: Instant, _ actions: inout [DeploymentAction]) {
    // Each turn does one step; a step may make the next one possible at once.
    for _ in 0..<8 {
      let before = state
      advance(now: now, &actions)
      // Those that leave a rolled-back canary are gone, or the waiting one begins.
      tell(.wanted(quotas), now: now, &actions)
      if state == before { break }
    }
    nextDeadline = [replicaSet.nextDeadline, ownDeadline(now: now)].compactMap { $0 }.min()
  }

  private var quotas: [ReplicaQuota] {
    guard let current = state.current else { return [] }
    guard let deployment = state.deployment else {
      return [ReplicaQuota(revision: current, count: count)]
    }
    return [
      ReplicaQuota(revision: deployment.from, count: deployment.oldQuota),
      ReplicaQuota(revision: deployment.to, count: deployment.newQuota),
    ]
  }

  private mutating func advance(now: Instant, _ actions: inout [DeploymentAction]) {
    guard let current = state.current else { return }
    guard let deployment = state.deployment else {
      if !state.isProven, replicaSet.ready(current) > 0 { state.isProven = true }
      return
    }
    if count == 0 {
      return end(
        deployment, deployment.phase == .rollingBack ? .rolledBack : .succeeded, now: now, &actions)
    }
    noteProgress(deployment, now: now)
    if deployment.phase != .rollingBack, let reason = failure(deployment, now: now) {
      return fail(reason, now: now, &actions)
    }
    switch deployment.phase {
    case .starting where deployment.plan.strategy == .rolling: roll(now: now, &actions)
    case .starting: startNew(deployment, now: now, &actions)
    case .watching: watch(deployment, now: now, &actions)
    case .paused: if isPromoted { goOn(deployment, now: now, &actions) }
    case .finishing: finish(deployment, now: now, &actions)
    case .rollingBack: rollBack(deployment, now: now, &actions)
    }
  }

  private mutating func noteProgress(_ deployment: OngoingDeployment, now: Instant) {
    let available = available(deployment, now: now)
    // More than ever before: what comes and goes is no progress.
    if available > seenAvailable { progressAt = now }
    seenAvailable = max(seenAvailable, available)
    switch deployment.phase {
    case .watching, .finishing:
      if replicaSet.ready(deployment.to) >= min(deployment.newQuota, count) { progressAt = now }
    case .starting, .paused, .rollingBack: break
    }
  }

  private func available(_ deployment: OngoingDeployment, now: Instant) -> Int {
    replicaSet.available(deployment.to, for: deployment.plan.healthyFor, now: now)
  }

  // MARK: Forward

  /// What speaks against going on, in words.
  private func failure(_ deployment: OngoingDeployment, now: Instant) -> String? {
    guard deployment.phase != .paused || deployment.reason == nil else { return nil }
    if exits >= Self.mostExits {
      return "new replicas ended \(exits) times" + (lastExit.map { ", the last: \($0)" } ?? "")
    }
    if now - progressAt >= deployment.plan.deadline {
      let last = lastExit.map { "; \($0)" } ?? ""
      switch deployment.phase {
      case .starting: return "no new replica got ready in \(deployment.plan.deadline)" + last
      case .watching, .finishing:
        // Those of a rolling one were all ready; the old ones are gone or going.
        guard deployment.oldQuota > 0 else { break }
        return "new replicas were ready and are not since \(deployment.plan.deadline)" + last
      case .paused, .rollingBack: break
      }
    }
    if let sample, case .failed(let reason) = deployment.plan.gate.verdict(sample) {
      return reason
    }
    return nil
  }

  /// Old ones go as far as new ones have come, and new ones come as far as there is room.
  private mutating func roll(now: Instant, _ actions: inout [DeploymentAction]) {
    guard var deployment = state.deployment else { return }
    let plan = deployment.plan
    let available = available(deployment, now: now)
    let floor = state.isProven ? max(0, count - plan.unavailable(of: count) - available) : 0
    deployment.oldQuota = min(deployment.oldQuota, floor)
    let room = max(0, count + plan.surge(of: count) - deployment.oldQuota)
    deployment.newQuota = min(count, max(room, min(deployment.newQuota, count)))
    if available >= count, deployment.oldQuota == 0 {
      deployment.phase = .finishing
    }
    state.deployment = deployment
  }

  /// Blue-green and canary: as many as the step needs, beside all old ones.
  private mutating func startNew(
    _ deployment: OngoingDeployment, now: Instant, _ actions: inout [DeploymentAction]
  ) {
    var next = deployment
    next.oldQuota = count
    next.newQuota = deployment.plan.replicas(at: deployment.step, of: count)
    if available(deployment, now: now) >= next.newQuota {
      next.phase = .watching
      next.share = deployment.plan.share(at: deployment.step)
      (phaseSince, progressAt, sample) = (now, now, nil)
      actions.append(.measureAnew)
      let percent = Int(((next.share ?? 1) * 100).rounded())
      actions.append(.note(.came(next, "\(percent) % of the requests go to the new revision")))
    }
    state.deployment = next
  }

  private mutating func watch(
    _ deployment: OngoingDeployment, now: Instant, _ actions: inout [DeploymentAction]
  ) {
    if isPromoted { return goOn(deployment, now: now, &actions) }
    var next = deployment
    next.oldQuota = count
    next.newQuota = deployment.plan.replicas(at: deployment.step, of: count)
    state.deployment = next
    let span = watchTime(deployment)
    guard now - phaseSince >= span else { return }
    let isJudged = sample.map { deployment.plan.gate.verdict($0) != .tooFew } ?? false
    // Blue-green keeps its old ones for a time that was asked for, whatever is known by then.
    guard
      isJudged || deployment.plan.strategy == .blueGreen
        || now - phaseSince >= span.scaled(by: Double(Self.longestStep))
    else { return }
    guard deployment.plan.promotes || deployment.plan.strategy == .blueGreen else {
      next.phase = .paused
      next.reason = nil
      state.deployment = next
      actions.append(.note(.paused(next)))
      return
    }
    goOn(deployment, now: now, &actions)
  }

  private func watchTime(_ deployment: OngoingDeployment) -> TimeSpan {
    deployment.plan.strategy == .blueGreen ? deployment.plan.keepOld : deployment.plan.stepTime
  }

  /// The next step, or the end of the old ones.
  private mutating func goOn(
    _ deployment: OngoingDeployment, now: Instant, _ actions: inout [DeploymentAction]
  ) {
    isPromoted = false
    var next = deployment
    next.reason = nil
    (phaseSince, progressAt, exits, sample) = (now, now, 0, nil)
    if deployment.plan.strategy == .rolling {
      // Its pause was a failure that somebody overruled.
      next.phase = .starting
    } else if deployment.share == 0 {
      // Overruled before it had any share: what is there is looked at.
      next.phase = .starting
    } else if deployment.plan.isLast(deployment.step) {
      next.phase = .finishing
    } else {
      next.step += 1
      next.phase = .starting
    }
    state.deployment = next
    actions.append(.measureAnew)
  }

  private mutating func finish(
    _ deployment: OngoingDeployment, now: Instant, _ actions: inout [DeploymentAction]
  ) {
    var next = deployment
    next.newQuota = count
    // Not before the new ones can take all of it, should one have been lost meanwhile.
    if deployment.plan.strategy == .rolling || replicaSet.ready(deployment.to) >= count {
      next.oldQuota = 0
    }
    state.deployment = next
    guard next.oldQuota == 0, !replicaSet.slots.contains(where: { $0.template == deployment.from })
    else { return }
    end(next, .succeeded, now: now, &actions)
  }

  // MARK: Back

  private mutating func fail(
    _ reason: String, now: Instant, _ actions: inout [DeploymentAction]
  ) {
    guard var deployment = state.deployment else { return }
    guard state.isProven else {
      deployment.reason = reason
      return end(deployment, .failed, now: now, &actions)
    }
    guard deployment.plan.rollsBack else {
      deployment.phase = .paused
      deployment.reason = reason
      state.deployment = deployment
      actions.append(.note(.paused(deployment)))
      return
    }
    goBack(reason, now: now, &actions)
  }

  mutating func goBack(
    _ reason: String, now: Instant, _ actions: inout [DeploymentAction]
  ) {
    guard var deployment = state.deployment, deployment.phase != .rollingBack else { return }
    deployment.phase = .rollingBack
    deployment.reason = reason
    // Where old ones have gone already requests go where they can, lest the first one that is back
    // gets them all.
    let areOldThere = deployment.plan.strategy != .rolling && deployment.oldQuota > 0
    deployment.share = areOldThere ? 0 : nil
    deployment.oldQuota = count
    state.deployment = deployment
    (phaseSince, progressAt, isPromoted) = (now, now, false)
    actions.append(.note(.goesBack(deployment)))
  }

  /// New ones stay only as far as they stand in for old ones that are not ready again.
  private mutating func rollBack(
    _ deployment: OngoingDeployment, now: Instant, _ actions: inout [DeploymentAction]
  ) {
    var next = deployment
    next.oldQuota = count
    let missing = max(0, count - replicaSet.ready(deployment.from))
    let working = replicaSet.ready(deployment.to) + replicaSet.unseen(deployment.to)
    let isLate = now - phaseSince >= deployment.plan.deadline
    // A few old ones that don't come back are no reason to keep what is bad.
    let standIns = isLate && replicaSet.ready(deployment.from) > 0 ? 0 : min(missing, working)
    next.newQuota = min(deployment.newQuota, standIns)
    state.deployment = next
    if standIns > 0, isLate {
      // The old ones don't come back, and some new ones work.
      next.reason = "\(deployment.reason ?? "") and the former revision does not get ready"
      return end(next, .failed, now: now, &actions)
    }
    guard next.newQuota == 0, !replicaSet.slots.contains(where: { $0.template == deployment.to })
    else { return }
    end(next, .rolledBack, now: now, &actions)
  }

  private mutating func end(
    _ deployment: OngoingDeployment, _ result: DeploymentResult, now: Instant,
    _ actions: inout [DeploymentAction]
  ) {
    if result != .rolledBack {
      state.current = deployment.to
      state.isProven = result == .succeeded && count > 0
    }
    state.deployment = nil
    sample = nil
    isPromoted = false
    actions.append(.note(.ended(deployment, result)))
    guard let waiting = state.waiting else { return }
    state.waiting = nil
    start(waiting, now: now, &actions)
  }

  private func ownDeadline(now: Instant) -> Instant? {
    guard let deployment = state.deployment else { return nil }
    var times: [Instant] = []
    for slot in replicaSet.slots where slot.template == deployment.to {
      if case .ready(let since) = slot.phase { times.append(since + deployment.plan.healthyFor) }
    }
    switch deployment.phase {
    case .starting: times.append(progressAt + deployment.plan.deadline)
    case .watching:
      let span = watchTime(deployment)
      times.append(phaseSince + span)
      times.append(phaseSince + span.scaled(by: Double(Self.longestStep)))
      times.append(progressAt + deployment.plan.deadline)
    case .rollingBack: times.append(phaseSince + deployment.plan.deadline)
    case .finishing: times.append(progressAt + deployment.plan.deadline)
    case .paused: break
    }
    return times.filter { $0 > now }.min()
  }
}
