import Primitives

/// What goes out, within the budgets, and what comes of it.
extension AlertMachine {
  mutating func sendPending(now: WallTime, _ output: inout Output) {
    for name in channels.keys.sorted() {
      guard sending[name] == nil, let policy = policy.channels[name],
        var state = channels[name], !state.pending.isEmpty
      else { continue }
      state.sent.removeAll { $0 > now || now - $0 >= policy.budgetPeriod }
      let left = policy.budget - state.sent.count
      // A clock that was set back must not hold it up for longer than any wait is.
      let longest = max(policy.longestBackoff, .hours(1))
      let isDue = state.nextAttempt.map { now >= $0 || $0 - now > longest } ?? true
      guard left > 0, isDue else { continue }
      // The last message of the budget tells of all that is left.
      let keys =
        left == 1 && state.pending.count > 1
        ? Array(state.pending.prefix(Self.digestLimit)) : Array(state.pending.prefix(1))
      let parts = keys.compactMap { key in groups[key].flatMap { part($0, now: now) } }
      changed.insert(.channel(name))
      state.begin(keys.count)
      guard !parts.isEmpty else {
        // It was silenced meanwhile, or its route went.
        state.succeed()
        channels[name] = state
        continue
      }
      latestDelivery &+= 1
      let delivery = Delivery(
        id: latestDelivery, channel: name,
        message: AlertMessage(at: now, parts: parts, isDigest: parts.count > 1))
      state.sent.append(now)
      channels[name] = state
      sending[name] = Sending(delivery: delivery, keys: keys)
      output.deliveries.append(delivery)
    }
  }

  /// How a group stands; nil when there is nothing to say of it.
  private func part(_ group: AlertGroup, now: WallTime) -> AlertMessage.Part? {
    let members = group.members.sorted().compactMap { alerts[$0] }
    let visible = members.filter { $0.isFiring && !isMuted($0, now: now) }
    var beneath: [String: [Alert]] = [:]
    for alert in members where alert.isFiring && !isSilenced(alert, now: now) {
      if let root = roots.root(of: alert) { beneath[root, default: []].append(alert) }
    }
    let firing = visible.map { AlertMessage.Item($0, beneath: beneath[$0.id] ?? []) }
    let resolved = members.filter(\.isOver).map {
      AlertMessage.Item($0, beneath: [])
    }
    guard !firing.isEmpty || !resolved.isEmpty else { return nil }
    return AlertMessage.Part(
      key: group.key, labels: group.labels, firing: Self.inOrder(firing),
      resolved: Self.inOrder(resolved))
  }

  /// The worst first.
  private static func inOrder(_ items: [AlertMessage.Item]) -> [AlertMessage.Item] {
    items.sorted {
      ($1.severity, $0.began.milliseconds, $0.id) < ($0.severity, $1.began.milliseconds, $1.id)
    }
  }

  mutating func delivered(_ id: UInt64, now: WallTime, _ output: inout Output) {
    guard let (name, sent) = sending.first(where: { $0.value.delivery.id == id }) else { return }
    sending[name] = nil
    channels[name]?.succeed()
    channels[name]?.failures = 0
    channels[name]?.nextAttempt = nil
    channels[name]?.lastError = nil
    channels[name]?.lastDelivery = now
    channels[name]?.delivered &+= 1
    changed.insert(.channel(name))
    for part in sent.delivery.message.parts {
      if part.firing.isEmpty { groups[part.key]?.owed.remove(name) }
      changed.insert(.group(part.key))
    }
    note(
      AlertLogEntry(
        at: now, kind: .delivered, group: sent.keys.count == 1 ? sent.keys.first : nil,
        channel: name, message: sent.delivery.message.title), &output)
  }

  mutating func failed(
    _ id: UInt64, _ reason: String, _ retryAfter: TimeSpan?, now: WallTime,
    _ output: inout Output
  ) {
    guard let (name, sent) = sending.first(where: { $0.value.delivery.id == id }),
      let policy = policy.channels[name], var state = channels[name]
    else { return }
    sending[name] = nil
    state.fail()
    state.failures += 1
    state.failed &+= 1
    state.lastError = Self.bounded(reason)
    // It doubles: 1, 2, 4 … of the first, at most the longest.
    let factor = Double(UInt64(1) << UInt64(min(state.failures - 1, 20)))
    let wait = min(policy.backoff.scaled(by: factor), policy.longestBackoff)
    state.nextAttempt = now.after(max(wait, retryAfter ?? .zero))
    channels[name] = state
    changed.insert(.channel(name))
    note(
      AlertLogEntry(
        at: now, kind: .failed, group: sent.keys.count == 1 ? sent.keys.first : nil,
        channel: name, message: "\(sent.delivery.message.title): \(reason)"), &output)
    guard let fallback = policy.fallback, state.failures >= policy.fallbackAfter,
      channels[fallback] != nil
    else { return }
    // The channel itself goes on trying: whoever looks there has to see it too.
    for key in state.pending where groups[key]?.owed.contains(fallback) != true {
      channels[fallback]?.add(key)
      if groups[key]?.channels.contains(fallback) == false {
        groups[key]?.channels.append(fallback)
      }
      groups[key]?.owed.insert(fallback)
      changed.insert(.group(key))
    }
    changed.insert(.channel(fallback))
  }
}
