import Primitives

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
    var scale = ScaleSettings(maximum: maximum)
    scale.minimum = object.integer("min") ?? min(scale.minimum, maximum)
    if scale.minimum > maximum {
      log.error(
        "'min: \(scale.minimum)' is more than 'max: \(maximum)'",
        at: object.keyPlace("min") ?? object.place, help: "write 'max: \(scale.minimum)' or more")
      return nil
    }
    scale.cpu = object.share("cpu")
    scale.memory = object.share("memory")
    scale.inflight = object.number("inflight")
    scale.requestsPerSecond = object.number("requestsPerSecond")
    scale.p95 = object.duration("p95")
    scale.schedule = times(object, within: scale)
    scale.timeZone = object.choice("timeZone", ScaleSettings.TimeZone.self) ?? scale.timeZone
    scale.interval = object.duration("interval") ?? scale.interval
    scale.tolerance = object.share("tolerance") ?? scale.tolerance
    scale.idle = object.duration("idle") ?? scale.idle
    scale.coldStart = object.duration("coldStart") ?? scale.coldStart
    pace(object.object("up"), &scale.up)
    pace(object.object("down"), &scale.down)
    checkSignals(scale, service, object)
    return scale
  }

  private mutating func checkSignals(
    _ scale: ScaleSettings, _ service: DecodedObject, _ object: DecodedObject
  ) {
    let signals = ["cpu", "memory", "inflight", "requestsPerSecond", "p95", "schedule"]
    if !scale.hasSignal, scale.schedule.isEmpty, !signals.contains(where: object.isIntended) {
      log.error(
        "the autoscaling has nothing to follow", at: object.place.headOnly,
        help: "write 'cpu: 60%', another signal, or a 'schedule'")
    }
    for key in ["idle", "coldStart"] where object[key] != nil && scale.minimum > 0 {
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
    if object["timeZone"] != nil, scale.schedule.isEmpty, object["schedule"] == nil {
      log.error(
        "'timeZone' is for a 'schedule'", at: object.keyPlace("timeZone") ?? object.place,
        help: "remove it, or write a schedule")
    }
  }

  private mutating func times(
    _ object: DecodedObject, within scale: ScaleSettings
  ) -> [ScaleSettings.Times] {
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
      if minimum > scale.maximum {
        log.error(
          "'min: \(minimum)' is more than 'max: \(scale.maximum)'",
          at: entry["min"]?.place ?? entry.place, help: "write less, or a greater 'max'")
        return nil
      }
      var days: Set<Int> = []
      for text in entry.texts("days") ?? ["mon-sun"] { days.formUnion(WeekTimes.days(text) ?? []) }
      let until = entry.text("until").flatMap(WeekTimes.minutes) ?? 1_440
      return .init(days: days, at: at, until: until, minimum: minimum)
    }
  }

  private mutating func pace(_ object: DecodedObject?, _ pace: inout ScaleSettings.Pace) {
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
