public import Primitives

/// What happened around a fault, on one clock: what came before it and may have caused it, its
/// signs, what was done, what people were told.
public enum FaultTimeline {
  /// How long before the first sign the timeline begins.
  public static let before = TimeSpan.minutes(10)
  /// How long after its end it goes on: messages of the end come later.
  public static let after = TimeSpan.minutes(2)
  /// Lines; beyond it the ones in the middle go.
  public static let limit = 500

  /// - Parameter record: with what hangs beneath it.
  public static func span(
    of record: FaultRecord, now: WallTime
  ) -> (from: WallTime, to: WallTime) {
    let last = record.resolved.map { $0.adding(after) } ?? now
    return (record.began.adding(.zero - before), max(record.began, last))
  }

  /// - Parameter events: of the span, oldest first; those that don't belong there are left out.
  public static func make(
    _ record: FaultRecord, events: [EventRecord], now: WallTime
  ) -> [FaultMoment] {
    let span = span(of: record, now: now)
    let services = Set(record.services)
    var moments: [FaultMoment] = []
    for one in [record] + (record.beneath ?? []) { moments += self.moments(of: one) }
    for event in events where event.at >= span.from && event.at <= span.to {
      let kind = kind(of: event.type)
      // Before it began only what somebody or something changed can have to do with it.
      if event.at < record.began, !changes.contains(kind) { continue }
      guard belongs(event, kind, services) else { continue }
      moments.append(
        FaultMoment(
          at: event.at, kind: kind, severity: event.severity, service: event.service,
          server: event.server, message: event.message))
    }
    let sorted = moments.enumerated().sorted {
      ($0.element.at, $0.offset) < ($1.element.at, $1.offset)
    }.map(\.element)
    return bounded(sorted)
  }

  private static let changes: Set<FaultMoment.Kind> = [
    .deployment, .configuration, .scaling, .person,
  ]

  private static func belongs(
    _ event: EventRecord, _ kind: FaultMoment.Kind, _ services: Set<String>
  ) -> Bool {
    // Told by the record itself, with the same words.
    if event.type == "fault-resolved" { return false }
    if let service = event.service { return services.isEmpty || services.contains(service) }
    return kind != .other || services.isEmpty
  }

  private static func moments(of record: FaultRecord) -> [FaultMoment] {
    func moment(
      _ at: WallTime, _ kind: FaultMoment.Kind, _ severity: EventRecord.Severity, _ text: String
    ) -> FaultMoment {
      FaultMoment(
        at: at, kind: kind, severity: severity,
        service: record.service.isEmpty ? nil : record.service, server: record.server,
        fault: record.id, message: text)
    }
    let name = "fault \(record.id) (\(record.type.rawValue))"
    var moments = [moment(record.began, .fault, .error, "\(name): first sign")]
    let delay = TimeSpan.milliseconds(max(0, (record.detected - record.began).milliseconds))
    moments.append(
      moment(record.detected, .fault, .error, "\(name): certain after \(delay): \(record.cause)"))
    for (action, at) in zip(record.actions, record.actionTimes ?? []) {
      let isPersonal = personal.contains { action.hasPrefix($0) }
      moments.append(moment(at, isPersonal ? .person : .fault, .info, "\(name): \(action)"))
    }
    if let resolved = record.resolved {
      let length = TimeSpan.milliseconds(max(0, (resolved - record.began).milliseconds))
      moments.append(moment(resolved, .fault, .info, "\(name): over after \(length)"))
    }
    return moments
  }

  private static let personal = ["acknowledged", "noted", "resolved by", "cause before"]

  static func kind(of type: String) -> FaultMoment.Kind {
    for (start, kind) in kinds where type.hasPrefix(start) { return kind }
    return .other
  }

  /// The first that fits; types of events are in `docs/reference`.
  private static let kinds: [(String, FaultMoment.Kind)] = [
    ("server-ejected", .ejection), ("server-readmitted", .ejection), ("server-active", .failover),
    ("server-deactivated", .failover), ("server-changed", .person), ("server-", .check),
    ("agent-", .check), ("service-", .fault), ("machine-", .fault), ("crash-loop", .replica),
    ("replica-", .replica), ("restart", .deployment), ("deployment", .deployment),
    ("config-", .configuration), ("started", .configuration), ("upgraded", .configuration),
    ("certificate-", .configuration), ("authorities-", .configuration), ("scale", .scaling),
    ("saturation", .scaling), ("tuning", .scaling), ("alert", .alert), ("slo-burn", .alert),
    ("failover", .failover), ("promotion", .failover), ("drill", .person), ("ban", .person),
    ("unban", .person), ("fault-", .fault),
  ]

  private static func bounded(_ moments: [FaultMoment]) -> [FaultMoment] {
    guard moments.count > limit else { return moments }
    let (first, last) = (moments.prefix(limit / 2), moments.suffix(limit / 2 - 1))
    let left = moments.count - first.count - last.count
    let mark = FaultMoment(
      at: first.last?.at ?? moments[0].at, kind: .other, message: "… (\(left) more lines)")
    return first + [mark] + last
  }
}
