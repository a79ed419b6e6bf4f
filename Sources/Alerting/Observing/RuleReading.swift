import Primitives

/// What a rule sees in an observation.
struct RuleReading: Sendable {
  /// Something that the rule's condition holds for.
  struct Sign: Sendable {
    var service: String = ""
    var server: String?
    var extra: [String: String] = [:]
    var value: Double?
    var summary: String
    var isOutage = false
    var fault: Int64?
    var parent: Int64?
    var covers: Set<String> = []
  }

  var signs: [Sign] = []
  /// Services of which nothing is known: what fires there goes on.
  var missing: Set<String> = []
  /// Nothing at all is known.
  var isMissing = false

  static func read(
    _ rule: AlertRule, _ observation: AlertObservation, _ series: [String: ServiceSeries],
    now: WallTime
  ) -> RuleReading {
    switch rule.condition {
    case .fault(let types): return faults(rule, types, observation)
    case .certificate(let within): return certificates(within, observation, now: now)
    default: break
    }
    var reading = RuleReading()
    for name in observation.services.keys.sorted() where rule.service ?? name == name {
      guard let service = observation.services[name] else { continue }
      switch judge(rule.condition, service, series[name], now: now) {
      case .missing: reading.missing.insert(name)
      case .clear: break
      case .holds(let value, let summary, let isOutage):
        var sign = Sign(
          service: name, value: value, summary: "\(name): \(summary)", isOutage: isOutage)
        if case .burn(let objective, _, _, _) = rule.condition {
          sign.extra["objective"] = objective.name
        }
        reading.signs.append(sign)
      }
    }
    return reading
  }

  private enum Verdict {
    case missing, clear
    case holds(Double, String, isOutage: Bool)
  }

  private static func judge(
    _ condition: AlertRule.Condition, _ service: AlertObservation.Service,
    _ series: ServiceSeries?, now: WallTime
  ) -> Verdict {
    switch condition {
    case .errorRate(let limit, let window, let requests):
      guard let increase = series?.availability?.increase(over: window, now: now),
        increase.total >= max(1, requests), let share = increase.share
      else { return .missing }
      guard share > limit else { return .clear }
      return .holds(
        share, "\(percent(share)) of the requests fail (limit \(percent(limit)))",
        isOutage: false)
    case .p95(let limit, let window, let requests):
      guard
        let increase = series?.latency[limit.nanoseconds]?.increase(over: window, now: now),
        increase.total >= max(1, requests), let share = increase.share
      else { return .missing }
      guard share > 0.05 else { return .clear }
      return .holds(
        share, "\(percent(share)) of the requests take longer than \(limit) (limit 5 %)",
        isOutage: false)
    case .healthyServers(let limit):
      guard let count = service.healthyServers else { return .missing }
      guard count < limit else { return .clear }
      let text = count == 0 ? "no healthy server" : "\(count) healthy of at least \(limit)"
      return .holds(Double(count), text, isOutage: count == 0)
    case .saturation(let limit):
      guard let full = service.saturation else { return .missing }
      guard full > limit else { return .clear }
      return .holds(full, "\(percent(full)) full (limit \(percent(limit)))", isOutage: false)
    case .restarts(let limit, let window):
      guard service.restarts != nil else { return .clear }
      guard let increase = series?.restarts?.increase(over: window, now: now) else {
        return .missing
      }
      guard increase.total > limit else { return .clear }
      return .holds(
        Double(increase.total), "replicas ended \(increase.total) times within \(window)",
        isOutage: false)
    case .burn(let objective, let factor, let long, let short):
      return burn(objective, factor, long, short, series, now: now)
    case .certificate, .fault: return .clear
    }
  }

  private static func burn(
    _ objective: Objective, _ factor: Double, _ long: TimeSpan, _ short: TimeSpan,
    _ series: ServiceSeries?, now: WallTime
  ) -> Verdict {
    let counters =
      switch objective.indicator {
      case .availability: series?.availability
      case .latency(let limit): series?.latency[limit.nanoseconds]
      }
    guard let counters, let over = counters.increase(over: long, now: now),
      // A series that is younger than the short window says nothing yet.
      over.span >= short, let longShare = over.share,
      let shortShare = counters.increase(over: short, now: now)?.share
    else { return .missing }
    let burn = min(longShare, shortShare) / objective.budget
    guard burn > factor else { return .clear }
    let kind = objective.indicator == .availability ? "availability" : "latency"
    return .holds(
      burn,
      "the error budget of its \(kind) (\(percent(objective.target))) is spent \(tenths(burn)) "
        + "times too fast over \(long) and \(short)", isOutage: false)
  }

  private static func faults(
    _ rule: AlertRule, _ types: Set<String>, _ observation: AlertObservation
  ) -> RuleReading {
    guard let faults = observation.faults else { return RuleReading(isMissing: true) }
    var reading = RuleReading()
    for fault in faults where types.isEmpty || types.contains(fault.type) {
      guard rule.service == nil || rule.service == fault.service else { continue }
      let names = [fault.service, fault.server ?? ""].filter { !$0.isEmpty }
      let name = names.isEmpty ? fault.subject ?? "Ballast" : names.joined(separator: "/")
      reading.signs.append(
        Sign(
          service: fault.service, server: fault.server,
          extra: fault.subject.map { ["subject": $0] } ?? [:],
          summary: "\(name): \(fault.cause)", isOutage: !fault.outages.isEmpty, fault: fault.id,
          parent: fault.parent, covers: fault.outages))
    }
    return reading
  }

  private static func certificates(
    _ within: TimeSpan, _ observation: AlertObservation, now: WallTime
  ) -> RuleReading {
    guard let certificates = observation.certificates else {
      return RuleReading(isMissing: true)
    }
    var reading = RuleReading()
    for certificate in certificates {
      let left = certificate.notAfter - now
      guard left < within else { continue }
      let days = Int((left.seconds / 86_400).rounded(.down))
      let text =
        left < .zero
        ? "ended on \(certificate.notAfter)" : "ends in \(days) days, on \(certificate.notAfter)"
      reading.signs.append(
        Sign(
          extra: ["certificate": certificate.name], value: left.seconds,
          summary: "the certificate \(certificate.name) \(text)"))
    }
    return reading
  }

  /// `99.9 %`; a value from outside may be anything.
  static func percent(_ share: Double) -> String {
    guard share.isFinite else { return "?" }
    let hundredths = Int64((min(max(share, 0), 1e6) * 10_000).rounded())
    let fraction = hundredths % 100
    if fraction == 0 { return "\(hundredths / 100) %" }
    if fraction % 10 == 0 { return "\(hundredths / 100).\(fraction / 10) %" }
    return "\(hundredths / 100).\(fraction < 10 ? "0" : "")\(fraction) %"
  }

  static func tenths(_ value: Double) -> String {
    guard value.isFinite else { return "?" }
    let tenths = Int64((min(max(value, 0), 1e9) * 10).rounded())
    return "\(tenths / 10).\(tenths % 10)"
  }
}
