import Alerting
import Primitives

extension SettingsBuilder {
  mutating func alerts(_ object: DecodedObject?) -> AlertSettings {
    var alerts = AlertSettings()
    guard let object else { return alerts }
    let entries = object.table("channels")
    let names = entries.map(\.key)
    for entry in entries {
      guard case .object(let written) = entry.value.content else { continue }
      if let channel = alertChannel(entry, written) { alerts.channels.append(channel) }
      checkChannel(
        written.text("fallback"), at: written["fallback"]?.place, among: names, not: entry.key)
    }
    alerts.standardRules = object.boolean("standardRules") ?? true
    for item in object.list("routes") ?? [] {
      guard case .object(let written) = item.content else { continue }
      alerts.routes.append(alertRoute(written, names))
    }
    for item in object.list("rules") ?? [] {
      guard case .object(let written) = item.content else { continue }
      guard let rule = alertRule(written) else { continue }
      if alerts.rules.contains(where: { $0.name == rule.name }) {
        log.error(
          "two alert rules have the name \(Quoted.value(rule.name))",
          at: written["name"]?.place ?? written.place, help: "give one of them another name")
      }
      alerts.rules.append(rule)
    }
    for (number, item) in (object.list("silences") ?? []).enumerated() {
      guard case .object(let written) = item.content else { continue }
      if let silence = alertSilence(written, number + 1) { alerts.silences.append(silence) }
    }
    return alerts
  }

  /// The objectives of a service.
  mutating func objectives(_ service: DecodedObject) -> [Objective] {
    guard let object = service.object("slo") else { return [] }
    let kind = (service.choice("protocol", ServiceProtocol.self) ?? .http).kind
    guard kind == .http else {
      log.error(
        "'slo' is for a service that speaks HTTP", at: service.keyPlace("slo") ?? object.place,
        help: "remove it, and write an alert rule on healthyServers")
      return []
    }
    var objectives: [Objective] = []
    if let share = object.share("availability") {
      if share >= 1 {
        log.error(
          "an availability of 100% leaves no budget",
          at: object["availability"]?.place ?? object.place, help: "write 99.9%, for example")
      }
      objectives.append(Objective(.availability, target: share))
    }
    if let latency = object.object("latency") {
      for (name, share) in ConfigurationKeys.latencyShares {
        guard let limit = latency.duration(name) else { continue }
        objectives.append(Objective(.latency(limit), target: share))
      }
    }
    if objectives.isEmpty, !object.isIntended("availability"), !object.isIntended("latency") {
      log.error(
        "the objectives are empty", at: object.place.headOnly,
        help: "write 'availability: 99.9%' or 'latency: { p95: 300ms }'")
    }
    return objectives
  }

  private mutating func checkChannel(
    _ name: String?, at place: SourceRange?, among names: [String], not own: String? = nil
  ) {
    guard let name, let place else { return }
    if name == own {
      log.error("a channel cannot be its own fallback", at: place, help: "name another channel")
    } else if !names.contains(name) {
      let near = NearestName.find(name, among: names).map { "did you mean '\($0)'?" }
      log.error(
        "there is no channel \(Quoted.value(name))", at: place,
        help: near ?? "the channels are \(names.prefix(8).joined(separator: ", "))")
    }
  }

  private mutating func channels(
    _ object: DecodedObject, _ names: [String]
  ) -> [String] {
    for item in object.list("channels") ?? [] {
      guard case .text(let name) = item.content else { continue }
      checkChannel(name, at: item.place, among: names)
    }
    return object.texts("channels") ?? []
  }

  private func labels(_ object: DecodedObject) -> LabelMatch {
    var labels: [String: String] = [:]
    for entry in object.table("match") {
      if case .text(let value) = entry.value.content { labels[entry.key] = value }
    }
    return LabelMatch(labels)
  }

  private mutating func alertRoute(_ object: DecodedObject, _ names: [String]) -> AlertRoute {
    var route = AlertRoute(match: labels(object), channels: channels(object, names))
    route.groupBy = object.texts("groupBy") ?? route.groupBy
    route.groupWait = object.duration("groupWait") ?? route.groupWait
    route.groupInterval = object.duration("groupInterval") ?? route.groupInterval
    route.repeatAfter = object.duration("repeat") ?? route.repeatAfter
    route.goesOn = object.boolean("continue") ?? false
    for item in object.list("escalate") ?? [] {
      guard case .object(let step) = item.content, let after = step.duration("after") else {
        continue
      }
      route.escalations.append(.init(after: after, channels: channels(step, names)))
    }
    for item in object.list("quietHours") ?? [] {
      guard case .object(let hours) = item.content,
        let from = hours.text("at").flatMap(WeekTimes.minutes),
        let until = hours.text("until").flatMap(WeekTimes.minutes)
      else { continue }
      var days: Set<Int> = []
      for text in hours.texts("days") ?? ["mon-sun"] { days.formUnion(WeekTimes.days(text) ?? []) }
      route.quietHours.append(
        QuietHours(
          days: days, from: from, until: until,
          except: hours.choice("except", AlertSeverity.self) ?? .critical))
    }
    return route
  }

  private mutating func alertSilence(_ object: DecodedObject, _ number: Int) -> Silence? {
    let starts = moment(object, "from") ?? WallTime(milliseconds: 0)
    guard let ends = moment(object, "until") else { return nil }
    return Silence(
      id: "config-\(number)", match: labels(object),
      author: object.text("author") ?? "configuration", comment: object.text("comment") ?? "",
      starts: starts, ends: ends)
  }

  private mutating func moment(_ object: DecodedObject, _ key: String) -> WallTime? {
    guard let text = object.text(key) else { return nil }
    if let time = WallTime(text) { return time }
    log.error(
      "\(Quoted.value(text)) is no time", at: object[key]?.place ?? object.place,
      help: "write a time in UTC such as \"2026-12-01T06:00:00Z\"")
    return nil
  }

  // MARK: Rules

  private mutating func alertRule(_ object: DecodedObject) -> AlertRule? {
    guard let when = object.object("when") else { return nil }
    guard let kind = when.description.oneOf.first(where: { when[$0] != nil }) else {
      if !when.description.oneOf.contains(where: when.isIntended) {
        log.error(
          "the rule has no condition", at: when.place.headOnly,
          help: "write one of \(when.description.oneOf.joined(separator: ", "))")
      }
      return nil
    }
    guard let name = object.text("name"), let written = when.object(kind),
      let condition = alertCondition(kind, written)
    else { return nil }
    var rule = AlertRule(name: name, condition)
    if kind != "certificate", let service = written.text("service") {
      checkService(service, at: written["service"]?.place ?? written.place)
      rule.service = service
    }
    rule.wait = object.duration("for") ?? .zero
    rule.keepFiring = object.duration("keepFiring") ?? .zero
    rule.severity = object.choice("severity", AlertSeverity.self) ?? .warning
    rule.summary = object.text("summary")
    return rule
  }

  private func alertCondition(_ kind: String, _ object: DecodedObject) -> AlertRule.Condition? {
    switch kind {
    case "errorRate":
      return object.share("above").map {
        .errorRate(above: $0, window: window(object), requests: requests(object))
      }
    case "p95":
      return object.duration("above").map {
        .p95(above: $0, window: window(object), requests: requests(object))
      }
    case "healthyServers": return object.integer("below").map { .healthyServers(below: $0) }
    case "saturation": return object.share("above").map { .saturation(above: $0) }
    case "restarts":
      return object.integer("above").map {
        .restarts(
          above: UInt64(clamping: $0), within: object.duration("within") ?? .minutes(10))
      }
    case "certificate": return object.duration("within").map { .certificate(within: $0) }
    default: return .fault(types: Set(object.texts("types") ?? []))
    }
  }

  private func window(_ object: DecodedObject) -> TimeSpan {
    object.duration("window") ?? .minutes(1)
  }

  private func requests(_ object: DecodedObject) -> UInt64 {
    UInt64(clamping: object.integer("requests") ?? 20)
  }
}
