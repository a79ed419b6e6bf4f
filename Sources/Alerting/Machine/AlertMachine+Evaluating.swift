import Primitives

/// From what was seen to what fires.
extension AlertMachine {
  mutating func observe(
    _ observation: AlertObservation, now: WallTime, _ output: inout Output
  ) {
    self.observation = observation
    for (name, service) in observation.services {
      if series[name] == nil {
        series[name] = ServiceSeries()
        series[name]?.follow(SeriesNeeds(policy.rules, service: name))
      }
      series[name]?.observe(service, now: now)
    }
    for name in series.keys where observation.services[name] == nil {
      series[name] = nil
      changed.insert(.series(name))
    }
    // Of more than a few minutes of them nothing is lost with an engine.
    if seriesSaved.map({ now < $0 || now - $0 >= Self.seriesInterval }) ?? true {
      if seriesSaved != nil { changed.formUnion(series.keys.map { .series($0) }) }
      seriesSaved = now
    }
    evaluate(observation, now: now, &output)
  }

  private mutating func evaluate(
    _ observation: AlertObservation, now: WallTime, _ output: inout Output
  ) {
    var held: Set<String> = []
    var readings: [String: RuleReading] = [:]
    for rule in policy.rules {
      let reading = RuleReading.read(rule, observation, series, now: now)
      for sign in reading.signs {
        let labels = Self.labels(rule, sign)
        let id = Alert.identify(labels)
        held.insert(id)
        hold(id, rule, labels, sign, now: now, &output)
      }
      readings[rule.name] = reading
    }
    for (id, alert) in alerts where alert.state != .resolved && !held.contains(id) {
      if let reading = readings[alert.rule] {
        if reading.isMissing { continue }
        if let service = alert.service, reading.missing.contains(service) { continue }
      }
      // A rule or a service that was taken out of the configuration is no matter of patience.
      let rule = policy.rules.first { $0.name == alert.rule }
      let isGone =
        rule == nil
        || alert.service.map { !$0.isEmpty && observation.services[$0] == nil } ?? false
      clear(id, keepFiring: isGone ? .zero : rule?.keepFiring ?? .zero, now: now, &output)
    }
    refused.formIntersection(held)
    noteRoots()
  }

  private static func labels(_ rule: AlertRule, _ sign: RuleReading.Sign) -> [String: String] {
    var labels = sign.extra
    labels["alertname"] = rule.name
    labels["severity"] = rule.severity.rawValue
    if !sign.service.isEmpty { labels["service"] = sign.service }
    if let server = sign.server { labels["server"] = server }
    return labels
  }

  private mutating func hold(
    _ id: String, _ rule: AlertRule, _ labels: [String: String], _ sign: RuleReading.Sign,
    now: WallTime, _ output: inout Output
  ) {
    let summary = Self.bounded(rule.summary ?? sign.summary)
    guard var alert = alerts[id], alert.state != .resolved else {
      guard alerts[id] != nil || alerts.count < mostAlerts else {
        guard refused.count < mostAlerts, refused.insert(id).inserted else { return }
        note(
          AlertLogEntry(
            at: now, kind: .refused, alert: id,
            message: "\(mostAlerts) alerts are kept already: \(rule.name): \(summary)"),
          &output)
        return
      }
      refused.remove(id)
      // One that is over and comes again is still in the groups that tell of its end.
      alerts[id] = Alert(
        id: id, rule: rule.name, severity: rule.severity, labels: labels, summary: summary,
        value: sign.value, state: .pending, since: now, fired: alerts[id]?.fired,
        resolved: alerts[id]?.resolved, isOutage: sign.isOutage, fault: sign.fault,
        parent: sign.parent, covers: sign.covers, groups: alerts[id]?.groups ?? [])
      changed.insert(.alert(id))
      if rule.wait <= .zero { fire(id, now: now, &output) }
      return
    }
    let before = alert
    alert.clearSince = nil
    alert.isOutage = sign.isOutage
    alert.fault = sign.fault
    alert.parent = sign.parent
    alert.covers = sign.covers
    alert.value = sign.value
    // The sentence of the moment at which it fired stays: a number that moves is no news.
    if alert.state == .pending { alert.summary = summary }
    // A clock that was set back would make it wait for ever.
    if now < alert.since { alert.since = now }
    alerts[id] = alert
    // A value moves all the time; it is saved with the next thing that changes.
    var kept = before
    kept.value = alert.value
    if kept != alert { changed.insert(.alert(id)) }
    if alert.state == .pending, now - alert.since >= rule.wait { fire(id, now: now, &output) }
  }

  private mutating func fire(_ id: String, now: WallTime, _ output: inout Output) {
    guard var alert = alerts[id] else { return }
    alert.state = .firing
    alert.fired = now
    alert.resolved = nil
    alert.acknowledgement = nil
    alerts[id] = alert
    changed.insert(.alert(id))
    note(
      AlertLogEntry(
        at: now, kind: .fired, alert: id, message: "\(alert.rule): \(alert.summary)"), &output)
    join(alert)
  }

  private mutating func clear(
    _ id: String, keepFiring: TimeSpan, now: WallTime, _ output: inout Output
  ) {
    guard var alert = alerts[id] else { return }
    changed.insert(.alert(id))
    guard alert.state == .firing else {
      // It never fired, so nobody has to hear of it. Where it is still to be told that it is over from
      // before, it stays as that.
      alert.state = .resolved
      alerts[id] = alert.groups.isEmpty ? nil : alert
      return
    }
    let since = min(alert.clearSince ?? now, now)
    guard now - since >= keepFiring else {
      if alert.clearSince == since { changed.remove(.alert(id)) }
      alert.clearSince = since
      alerts[id] = alert
      return
    }
    alert.state = .resolved
    alert.resolved = now
    alerts[id] = alert
    note(
      AlertLogEntry(
        at: now, kind: .resolved, alert: id, message: "\(alert.rule): \(alert.summary)"), &output)
    if alert.groups.isEmpty { alerts[id] = nil }
  }
}
