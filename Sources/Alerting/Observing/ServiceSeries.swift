import Primitives

/// The counters of a service over time, as far as rules look back.
struct ServiceSeries: Codable, Sendable, Equatable {
  /// Requests and failures.
  var availability: CounterSeries?
  var restarts: CounterSeries?
  /// Requests and slow ones, by the limit in nanoseconds.
  var latency: [Int64: CounterSeries] = [:]

  /// Keeps what reaches far enough, and begins what is missing.
  mutating func follow(_ needs: SeriesNeeds) {
    Self.follow(&availability, needs.availability)
    Self.follow(&restarts, needs.restarts)
    latency = latency.filter { needs.latency[$0.key] != nil }
    for (limit, longest) in needs.latency { Self.follow(&latency[limit], longest) }
  }

  mutating func countAnew() {
    availability?.countAnew()
    restarts?.countAnew()
    for limit in latency.keys { latency[limit]?.countAnew() }
  }

  mutating func observe(_ service: AlertObservation.Service, now: WallTime) {
    availability?.observe(total: service.requests, bad: service.failures, now: now)
    if let count = service.restarts { restarts?.observe(total: count, bad: 0, now: now) }
    for limit in latency.keys {
      guard let slow = service.slow[TimeSpan(nanoseconds: limit)] else { continue }
      latency[limit]?.observe(total: service.requests, bad: slow, now: now)
    }
  }

  private static func follow(_ series: inout CounterSeries?, _ longest: TimeSpan?) {
    guard let longest else {
      series = nil
      return
    }
    let wanted = CounterSeries(longest: longest)
    if series.map({ $0.reach != wanted.reach }) ?? true { series = wanted }
  }
}

/// How far rules look back at a service.
struct SeriesNeeds: Sendable, Equatable {
  var availability: TimeSpan?
  var restarts: TimeSpan?
  var latency: [Int64: TimeSpan] = [:]

  init(_ rules: [AlertRule], service: String) {
    for rule in rules where rule.service == nil || rule.service == service {
      switch rule.condition {
      case .errorRate(_, let window, _): Self.raise(&availability, window)
      case .p95(let limit, let window, _): Self.raise(&latency[limit.nanoseconds], window)
      case .restarts(_, let window): Self.raise(&restarts, window)
      case .burn(let objective, _, let long, _):
        switch objective.indicator {
        case .availability: Self.raise(&availability, long)
        case .latency(let limit): Self.raise(&latency[limit.nanoseconds], long)
        }
      case .healthyServers, .saturation, .certificate, .fault: break
      }
    }
  }

  private static func raise(_ longest: inout TimeSpan?, _ window: TimeSpan) {
    longest = max(longest ?? .zero, window)
  }
}
