import Primitives
import Scaling

extension SettingsBuilder {
  /// nil without an autoscaler, and for one that makes no sense.
  mutating func scale(_ service: DecodedObject) -> ScaleSettings? {
    guard let object = service.object("scale") else { return nil }
    guard service.isIntended("run") else {
      log.error(
        "'scale' needs 'run'", at: service.keyPlace("scale") ?? service.place,
        help: "write 'run: { command: … }', so that Ballast can start replicas, or remove 'scale'")
      return nil
    }
    guard let maximum = object.integer("max") else { return nil }
    let minimum = object.integer("min") ?? min(1, maximum)
    if minimum > maximum {
      log.error(
        "'min: \(minimum)' is more than 'max: \(maximum)'",
        at: object.keyPlace("min") ?? object.place, help: "write 'max: \(minimum)' or more")
      return nil
    }
    var policy = ScalingPolicy(
      minimum: minimum, maximum: maximum, targets: targets(object),
      schedule: times(object, within: maximum))
    policy.interval = object.duration("interval") ?? policy.interval
    policy.tolerance = object.share("tolerance") ?? policy.tolerance
    policy.idle = object.duration("idle") ?? policy.idle
    pace(object.object("up"), &policy.up)
    pace(object.object("down"), &policy.down)
    var scale = ScaleSettings(policy)
    scale.timeZone = object.choice("timeZone", ScaleSettings.TimeZone.self) ?? scale.timeZone
    scale.coldStart = object.duration("coldStart") ?? scale.coldStart
    checkSignals(policy, service, object)
    return scale
  }

  private func targets(_ object: DecodedObject) -> [ScalingTarget] {
    let written: [(ScalingSignal, Double?)] = [
      (.cpu, object.share("cpu")), (.memory, object.share("memory")),
      (.inflight, object.number("inflight")),
      (.requestsPerSecond, object.number("requestsPerSecond")),
      (.p95, object.duration("p95")?.seconds),
    ]
    return written.compactMap { signal, value in value.map { ScalingTarget(signal, $0) } }
  }

  private mutating func checkSignals(
    _ policy: ScalingPolicy, _ service: DecodedObject, _ object: DecodedObject
  ) {
    let signals = ["cpu", "memory", "inflight", "requestsPerSecond", "p95", "schedule"]
    if policy.targets.isEmpty, policy.schedule.isEmpty, !signals.contains(where: object.isIntended)
    {
      log.error(
        "the autoscaling has nothing to follow", at: object.place.headOnly,
        help: "write 'cpu: 60%', another signal, or a 'schedule'")
    }
    for key in ["idle", "coldStart"] where object[key] != nil && policy.minimum > 0 {
      log.error(
        "'\(key)' is for 'min: 0'", at: object.keyPlace(key) ?? object.place,
        help: "write 'min: 0', or remove it")
    }
    let kind = (service.choice("protocol", ServiceProtocol.self) ?? .http).kind
    for key in ["p95"] where object[key] != nil && kind != .http {
      log.error(
        "'\(key)' is for a service that speaks HTTP", at: object.keyPlace(key) ?? object.place,
        help: "write 'inflight', which counts connections, or 'cpu'")
    }
    if object["timeZone"] != nil, policy.schedule.isEmpty, object["schedule"] == nil {
      log.error(
        "'timeZone' is for a 'schedule'", at: object.keyPlace("timeZone") ?? object.place,
        help: "remove it, or write a schedule")
    }
  }

  private mutating func times(
    _ object: DecodedObject, within maximum: Int
  ) -> [ScheduledMinimum] {
    (object.list("schedule") ?? []).compactMap { item in
      guard case .object(let entry) = item.content,
        let at = entry.text("at").flatMap(WeekTimes.minutes), let minimum = entry.integer("min")
      else { return nil }
      if at == 1_440 {
        log.error(
          "'at: 24:00' is the next day", at: entry["at"]?.place ?? entry.place,
          help: "write \"00:00\", on the day after")
        return nil
      }
      if minimum > maximum {
        log.error(
          "'min: \(minimum)' is more than 'max: \(maximum)'",
          at: entry["min"]?.place ?? entry.place, help: "write less, or a greater 'max'")
        return nil
      }
      var days: Set<Int> = []
      for text in entry.texts("days") ?? ["mon-sun"] { days.formUnion(WeekTimes.days(text) ?? []) }
      let until = entry.text("until").flatMap(WeekTimes.minutes) ?? 1_440
      return ScheduledMinimum(days: days, begin: at, end: until, minimum: minimum)
    }
  }

  private mutating func pace(_ object: DecodedObject?, _ pace: inout ScalingPolicy.Pace) {
    guard let object else { return }
    pace.window = object.duration("window") ?? pace.window
    pace.share = object.share("share") ?? pace.share
    pace.replicas = object.integer("replicas") ?? pace.replicas
    pace.per = object.duration("per") ?? pace.per
    if pace.share == 0, pace.replicas == 0 {
      log.error(
        "with 'share: 0%' and 'replicas: 0' nothing would ever change", at: object.place.headOnly,
        help: "write 'replicas: 1' or more")
    }
  }
}
