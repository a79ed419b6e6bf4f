import Primitives

/// From what is to what is wanted, at each event.
extension ReplicaSetMachine {
  func name(_ number: Int) -> String { "\(service)-\(number)" }

  mutating func reconcile(
    _ quotas: [ReplicaQuota], now: Instant, _ actions: inout [ReplicaAction]
  ) {
    endDrains(now: now, &actions)
    removeSurplus(quotas, now: now, &actions)
    replaceHung(now: now, &actions)
    addMissing(quotas, now: now)
    startWaiting(now: now, &actions)
    nextDeadline = deadline(now: now)
  }

  private mutating func endDrains(now: Instant, _ actions: inout [ReplicaAction]) {
    for index in slots.indices {
      guard case .draining(let until) = slots[index].phase, now >= until else { continue }
      slots[index].phase = .stopping
      actions.append(.stop(name: slots[index].name))
    }
  }

  private mutating func removeSurplus(
    _ quotas: [ReplicaQuota], now: Instant, _ actions: inout [ReplicaAction]
  ) {
    for revision in Set(slots.map(\.template)).sorted() {
      let wanted = quotas.last { $0.revision == revision }?.count ?? 0
      let members = slots.filter { $0.template == revision && !$0.isLeaving }
      guard members.count > wanted else { continue }
      // The lowest numbers of an old revision make room for the new one, so that it has them in the
      // end; of the newest one the highest go.
      let isNewest = quotas.last?.revision == revision
      let order = members.sorted { first, second in
        if first.worth != second.worth { return first.worth < second.worth }
        return isNewest ? first.number > second.number : first.number < second.number
      }
      for slot in order.prefix(members.count - wanted) {
        leave(slot.name, now: now, &actions)
      }
    }
  }

  /// Takes one out: out of balancing first, unless it never took work.
  private mutating func leave(_ name: String, now: Instant, _ actions: inout [ReplicaAction]) {
    guard let index = slots.firstIndex(where: { $0.name == name }) else { return }
    switch slots[index].phase {
    case .waiting: slots.remove(at: index)
    case .starting where !slots[index].isUnseen:
      slots[index].phase = .stopping
      actions.append(.stop(name: name))
    case .killed: slots[index].phase = .stopping
    case .starting, .ready, .unready:
      slots[index].phase = .draining(until: now + drain)
      actions.append(.beginDrain(name: name))
    case .draining, .stopping: break
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
      slots[index].phase = .killed
      actions.append(.kill(name: slots[index].name))
    }
  }

  /// Another hung one may go only after this time, should the successor never get ready.
  private func isReplacingHung(_ slot: ReplicaSlot, now: Instant) -> Bool {
    slot.hungAt.map { now - $0 < policy.start } ?? false
  }

  /// In the lowest numbers that are free.
  private mutating func addMissing(_ quotas: [ReplicaQuota], now: Instant) {
    for quota in quotas {
      let wanted = min(quota.count, ReplicaPolicy.mostReplicas)
      var missing = wanted - slots.count { $0.template == quota.revision && !$0.isLeaving }
      var number = 1
      while missing > 0, slots.count < 2 * ReplicaPolicy.mostReplicas {
        let place = slots.firstIndex { $0.number >= number } ?? slots.endIndex
        if place == slots.endIndex || slots[place].number != number {
          let slot = ReplicaSlot(
            number: number, name: name(number), template: quota.revision, now: now)
          slots.insert(slot, at: place)
          missing -= 1
        }
        number += 1
      }
    }
  }

  private mutating func startWaiting(now: Instant, _ actions: inout [ReplicaAction]) {
    for index in slots.indices {
      guard case .waiting(let until) = slots[index].phase, now >= until else { continue }
      slots[index].begin(now: now)
      actions.append(.start(name: slots[index].name, template: slots[index].template))
    }
  }

  private func deadline(now: Instant) -> Instant? {
    var times: [Instant] = []
    for slot in slots {
      switch slot.phase {
      case .waiting(let until), .draining(let until): times.append(until)
      case .starting(let since): times.append(since + policy.start)
      case .unready(let since): times.append(since + policy.hung)
      case .ready, .stopping, .killed: break
      }
      if let hungAt = slot.hungAt { times.append(hungAt + policy.start) }
    }
    // What is due and still undone waits for another event, not for time.
    return times.filter { $0 > now }.min()
  }
}

extension ReplicaSlot {
  /// What is lost with it, to order them by.
  fileprivate var worth: Int {
    switch phase {
    case .waiting: 0
    case .killed: 1
    case .starting where !isUnseen: 2
    case .unready: 3
    case .draining, .stopping: 4
    case .starting: 5
    case .ready: 6
    }
  }
}
