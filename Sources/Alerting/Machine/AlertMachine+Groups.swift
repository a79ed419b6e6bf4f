public import Primitives

/// What is told together, and when it is due.
extension AlertMachine {
  mutating func follow(_ policy: AlertPolicy, now: WallTime, _ output: inout Output) {
    guard policy != self.policy else { return }
    let isRerouted = policy.routes != self.policy.routes
    self.policy = policy
    for name in series.keys {
      series[name]?.follow(SeriesNeeds(policy.rules, service: name))
    }
    for name in channels.keys where policy.channels[name] == nil {
      channels[name] = nil
      sending[name] = nil
      changed.insert(.channel(name))
    }
    for name in policy.channels.keys where channels[name] == nil {
      channels[name] = ChannelState()
      changed.insert(.channel(name))
    }
    if isRerouted { regroup() }
  }

  /// Alerts find their groups anew. A group with the same key goes on as it was, so that nothing is told
  /// again.
  private mutating func regroup() {
    let before = groups
    groups = [:]
    for id in alerts.keys where alerts[id]?.groups.isEmpty == false {
      alerts[id]?.groups = []
      changed.insert(.alert(id))
    }
    for id in alerts.keys.sorted() {
      guard let alert = alerts[id], alert.state != .pending else { continue }
      join(alert, continuing: before)
    }
    for key in Set(before.keys).union(groups.keys) { changed.insert(.group(key)) }
    for (id, alert) in alerts where alert.state == .resolved && alert.groups.isEmpty {
      alerts[id] = nil
      changed.insert(.alert(id))
    }
  }

  mutating func join(_ alert: Alert, continuing before: [String: AlertGroup] = [:]) {
    for (place, route) in policy.routes.enumerated() where route.match.matches(alert.labels) {
      var labels: [String: String] = [:]
      for name in route.groupBy { labels[name] = alert.labels[name] ?? "" }
      let values = labels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
      let key = "\(place)/" + values.joined(separator: ",")
      var group =
        groups[key]
        ?? before[key].map {
          var kept = $0
          kept.members = []
          // Those that escalation or a failure added stay, until it is over.
          let added = kept.channels.filter {
            policy.channels[$0] != nil && !route.channels.contains($0)
          }
          kept.channels = route.channels + added
          return kept
        } ?? AlertGroup(key: key, route: place, labels: labels, channels: route.channels)
      if group.members.count < Self.groupLimit || group.members.contains(alert.id) {
        group.members.insert(alert.id)
        groups[key] = group
        alerts[alert.id]?.groups.insert(key)
        changed.insert(.group(key))
        changed.insert(.alert(alert.id))
      }
      guard route.goesOn else { return }
    }
  }

  /// Whether nobody is to be told of it now. What follows from an outage is listed with it instead.
  func isMuted(_ alert: Alert, now: WallTime) -> Bool {
    isSilenced(alert, now: now) || isBeneath(alert)
  }

  func isBeneath(_ alert: Alert) -> Bool { roots.root(of: alert) != nil }

  public func isSilenced(_ alert: Alert, now: WallTime) -> Bool {
    silences.values.contains { $0.holds(now) && $0.match.matches(alert.labels) }
      || policy.silences.contains { $0.holds(now) && $0.match.matches(alert.labels) }
  }

  public func isInhibited(_ alert: Alert) -> Bool { isBeneath(alert) }

  mutating func advance(now: WallTime, _ output: inout Output) {
    dropOldSilences(now: now, &output)
    for key in groups.keys.sorted() {
      guard let group = groups[key], policy.routes.indices.contains(group.route) else { continue }
      advance(group, policy.routes[group.route], now: now, &output)
    }
    sendPending(now: now, &output)
  }

  private mutating func advance(
    _ before: AlertGroup, _ route: AlertRoute, now: WallTime, _ output: inout Output
  ) {
    var group = before
    let members = group.members.compactMap { alerts[$0] }
    let visible = members.filter { $0.isFiring && !isMuted($0, now: now) }
    let fresh = visible.filter { group.announced[$0.id] != $0.fired }
    let toldFire = members.contains { $0.isFiring && group.announced[$0.id] == $0.fired }
    // Nothing that was told fires: it is over, unless there is news of other alerts.
    if group.announced.isEmpty || toldFire { group.over = nil }
    if !group.announced.isEmpty, !toldFire, fresh.isEmpty, group.over == nil { group.over = now }
    group.opened = fresh.isEmpty ? nil : min(group.opened ?? now, now)

    let held = isQuiet(route, fresh.isEmpty ? visible : fresh)
    if let reason = held ? nil : reasonToFlush(group, route, visible, fresh, now: now) {
      flush(&group, reason, members, visible, now: now)
    }
    if !held { escalate(&group, route, visible, now: now, &output) }
    finish(group, before, members, now: now)
  }

  enum FlushReason { case news, repetition, over }

  private func reasonToFlush(
    _ group: AlertGroup, _ route: AlertRoute, _ visible: [Alert], _ fresh: [Alert], now: WallTime
  ) -> FlushReason? {
    let sinceFlush = group.flushed.map { now < $0 ? TimeSpan.hours(1_000) : now - $0 }
    if let opened = group.opened {
      guard now - opened >= route.groupWait else { return nil }
      // After the first message about a group the next ones keep their distance.
      return sinceFlush.map { $0 >= route.groupInterval } ?? true ? .news : nil
    }
    if let over = group.over { return now - over >= route.groupWait ? .over : nil }
    guard let sinceFlush, sinceFlush >= route.repeatAfter,
      visible.contains(where: { $0.acknowledgement == nil })
    else { return nil }
    return .repetition
  }

  private mutating func flush(
    _ group: inout AlertGroup, _ reason: FlushReason, _ members: [Alert], _ visible: [Alert],
    now: WallTime
  ) {
    group.flushed = now
    group.opened = nil
    switch reason {
    case .over:
      group.announced = [:]
      group.over = nil
      group.firstTold = nil
      group.escalated = 0
      // Who was never told that it began hears of it as well: it may have failed for the whole time.
      for name in group.channels { channels[name]?.add(group.key) }
    case .news, .repetition:
      if group.announced.isEmpty { group.firstTold = now }
      let shown = Set(visible.map(\.id))
      let beneath = members.filter { alert in
        alert.isFiring && !isSilenced(alert, now: now)
          && roots.root(of: alert).map { shown.contains($0) } ?? false
      }
      for alert in visible + beneath { group.announced[alert.id] = alert.fired }
      group.owed.formUnion(group.channels)
      for name in group.channels { channels[name]?.add(group.key) }
    }
    for name in group.channels { changed.insert(.channel(name)) }
  }

  private func isQuiet(_ route: AlertRoute, _ alerts: [Alert]) -> Bool {
    let worst = alerts.map(\.severity).max() ?? .info
    return route.quietHours.contains { $0.hold(minute) && worst < $0.except }
  }

  private mutating func escalate(
    _ group: inout AlertGroup, _ route: AlertRoute, _ visible: [Alert], now: WallTime,
    _ output: inout Output
  ) {
    guard let first = group.firstTold, visible.contains(where: { $0.acknowledgement == nil })
    else { return }
    while group.escalated < route.escalations.count {
      let step = route.escalations[group.escalated]
      guard now - first >= step.after else { return }
      group.escalated += 1
      for name in step.channels {
        if !group.channels.contains(name) { group.channels.append(name) }
        group.owed.insert(name)
        channels[name]?.add(group.key)
        changed.insert(.channel(name))
      }
      note(
        AlertLogEntry(
          at: now, kind: .escalated, group: group.key,
          message: "nobody acknowledged within \(step.after): "
            + step.channels.joined(separator: ", ") + " is told"), &output)
    }
  }

  /// A group that nobody waits for any more goes, with its alerts that are over.
  private mutating func finish(
    _ group: AlertGroup, _ before: AlertGroup, _ members: [Alert], now: WallTime
  ) {
    let isWaitedFor = group.channels.contains { channels[$0]?.isOwed(group.key) == true }
    let interval = policy.routes[group.route].groupInterval
    let isRecent = group.flushed.map { now >= $0 && now - $0 < interval } ?? false
    let isOver = group.announced.isEmpty && !members.contains(where: \.isFiring)
    guard isOver, !isWaitedFor else {
      groups[group.key] = group
      if group != before { changed.insert(.group(group.key)) }
      return
    }
    var left = group
    left.members = []
    left.channels = policy.routes[group.route].channels
    left.owed = []
    // Kept for a while: what flaps is not told at once again.
    groups[group.key] = isRecent ? left : nil
    if !isRecent || left != before { changed.insert(.group(group.key)) }
    for alert in members {
      alerts[alert.id]?.groups.remove(group.key)
      if alert.state == .resolved, alerts[alert.id]?.groups.isEmpty == true {
        alerts[alert.id] = nil
      }
      changed.insert(.alert(alert.id))
    }
  }
}
