import Primitives

/// From what is to what is wanted, a step at each event.
extension ReplicaSetMachine {
  func name(_ number: Int) -> String { "\(service)-\(number)" }

  /// Of another template than the wanted one, or from before the last restart request.
  func isOutdated(_ slot: ReplicaSlot) -> Bool {
    guard let own = slot.template else { return false }
    return own != template || slot.generation != generation
  }

  mutating func reconcile(now: Instant, _ actions: inout [ReplicaAction]) {
    endDrains(now: now, &actions)
    followRollout(now: now, &actions)
    removeSurplus(now: now, &actions)
    replaceOutdated(now: now, &actions)
    replaceHung(now: now, &actions)
    startMissing(now: now, &actions)
    nextDeadline = deadline(now: now)
  }

  private mutating func endDrains(now: Instant, _ actions: inout [ReplicaAction]) {
    for index in slots.indices {
      guard case .draining(let until, let reason) = slots[index].phase, now >= until else {
        continue
      }
      slots[index].phase = .stopping(reason)
      actions.append(.stop(name: slots[index].name))
    }
  }

  /// Whether a rollout is under way, and whether it comes forward.
  private mutating func followRollout(now: Instant, _ actions: inout [ReplicaAction]) {
    let wasRolling = isRolling
    let members = slots.filter { $0.number <= count }
    // Until the last successor is ready, the extra replica stands in for it.
    isRolling = members.contains(where: isOutdated) || wasRolling && !members.allSatisfy(\.isReady)
    if isRolling, !wasRolling {
      progressAt = now
      actions.append(.note(.rolloutBegan(template: template ?? "")))
    }
    if !isRolling { isPaused = false }
    if wasRolling, !isRolling, count > 0 {
      actions.append(.note(.rolloutFinished(template: template ?? "")))
    }
    if isRolling, !isPaused, now - progressAt >= policy.rollout {
      isPaused = true
      actions.append(.note(.rolloutPaused(after: policy.rollout)))
    }
  }

  /// Highest numbers first. Ready ones stay as long as they stand in for wanted ones that are not.
  private mutating func removeSurplus(now: Instant, _ actions: inout [ReplicaAction]) {
    let last = isRolling ? count + 1 : count
    slots.removeAll { $0.number > last && $0.isWaiting }
    for index in slots.indices where slots[index].number > last {
      // What was being replaced, or hung, need not come back.
      switch slots[index].phase {
      case .draining(let until, _): slots[index].phase = .draining(until: until, .surplus)
      case .stopping: slots[index].phase = .stopping(.surplus)
      default: break
      }
    }
    let ready = slots.count { $0.number <= last && $0.isReady }
    var standIns = max(0, count - ready)
    for index in slots.indices where slots[index].number > last && slots[index].isActive {
      if slots[index].isReady, standIns > 0 {
        standIns -= 1
      } else {
        leave(index, .surplus, now: now, &actions)
      }
    }
  }

  /// One at a time, and only while every new one is ready: first those that are not ready
  /// themselves, then, with one ready more than wanted, the lowest number.
  private mutating func replaceOutdated(now: Instant, _ actions: inout [ReplicaAction]) {
    guard isRolling else { return }
    let members = slots.indices.filter { slots[$0].number <= count + 1 }
    let isSettled = members.allSatisfy { index in
      !slots[index].isLeaving && (isOutdated(slots[index]) || slots[index].isReady)
    }
    guard isSettled else { return }
    let old = members.filter { isOutdated(slots[$0]) && slots[$0].isActive }
    let ready = members.count { slots[$0].isReady }
    // An old one in the extra slot was left by an engine before; a new one needs that slot.
    let extra = old.last { slots[$0].number > count }
    guard extra != nil || members.contains(where: { !isOutdated(slots[$0]) }) else { return }
    let spare = ready > count ? extra ?? old.first : nil
    if let index = old.first(where: { !slots[$0].isReady }) ?? spare {
      leave(index, .outdated, now: now, &actions)
    }
  }

  private mutating func replaceHung(now: Instant, _ actions: inout [ReplicaAction]) {
    for index in slots.indices {
      switch slots[index].phase {
      case .starting(let since) where slots[index].pid != nil && now - since >= policy.start:
        actions.append(.note(.neverReady(name: slots[index].name, span: policy.start)))
      case .unready(let since) where now - since >= policy.hung:
        guard !slots.contains(where: { isReplacingHung($0, now: now) }) else { continue }
        slots[index].hungAt = now
        actions.append(.note(.hung(name: slots[index].name, span: policy.hung)))
      default: continue
      }
      slots[index].phase = .stopping(.hung)
      actions.append(.kill(name: slots[index].name))
    }
  }

  /// Another hung one may go only after this time, should the successor never get ready.
  private func isReplacingHung(_ slot: ReplicaSlot, now: Instant) -> Bool {
    slot.hungAt.map { now - $0 < policy.start } ?? false
  }

  private mutating func startMissing(now: Instant, _ actions: inout [ReplicaAction]) {
    guard let wanted = template else { return }
    let last = isRolling ? count + 1 : count
    for number in stride(from: 1, through: last, by: 1) {
      var index = slots.firstIndex { $0.number == number }
      if index == nil {
        let place = slots.firstIndex { $0.number > number } ?? slots.endIndex
        slots.insert(ReplicaSlot(number: number, name: name(number), now: now), at: place)
        index = place
      }
      guard let index, case .waiting(let until) = slots[index].phase, now >= until,
        slots.count(where: \.isActive) <= count
      else { continue }
      let chosen = nextTemplate(of: slots[index], wanted: wanted)
      slots[index].begin(template: chosen, generation: generation, now: now)
      actions.append(.start(name: slots[index].name, template: chosen))
    }
  }

  /// Until the wanted template has proven itself, a replica that ends comes back from the one that
  /// had, unless that does not work any more either.
  private func nextTemplate(of slot: ReplicaSlot, wanted: String) -> String {
    guard !isProven, let former = slot.template, former == lastGood, slot.unstableExits < 2 else {
      return wanted
    }
    return former
  }

  /// Takes one out: out of balancing first, unless it never took work.
  private mutating func leave(
    _ index: Int, _ reason: ReplicaSlot.StopReason, now: Instant,
    _ actions: inout [ReplicaAction]
  ) {
    if slots[index].isStarting {
      slots[index].phase = .stopping(reason)
      actions.append(.stop(name: slots[index].name))
    } else {
      slots[index].phase = .draining(until: now + policy.drain, reason)
      actions.append(.beginDrain(name: slots[index].name))
    }
  }

  private func deadline(now: Instant) -> Instant? {
    var times: [Instant] = []
    for slot in slots {
      switch slot.phase {
      case .waiting(let until), .draining(let until, _): times.append(until)
      case .starting(let since): times.append(since + policy.start)
      case .unready(let since): times.append(since + policy.hung)
      case .ready, .stopping: break
      }
      if let hungAt = slot.hungAt { times.append(hungAt + policy.start) }
    }
    if isRolling, !isPaused { times.append(progressAt + policy.rollout) }
    // What is due and still undone waits for another event, not for time.
    return times.filter { $0 > now }.min()
  }
}
