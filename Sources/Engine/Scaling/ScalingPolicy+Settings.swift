import Configuration
import Primitives
import Scaling

extension ScalingPolicy {
  init(_ settings: ScaleSettings) {
    let targets: [(ScalingSignal, Double?)] = [
      (.cpu, settings.cpu), (.memory, settings.memory), (.inflight, settings.inflight),
      (.requestsPerSecond, settings.requestsPerSecond), (.p95, settings.p95?.seconds),
    ]
    self.init(
      minimum: settings.minimum, maximum: settings.maximum,
      targets: targets.compactMap { signal, value in value.map { ScalingTarget(signal, $0) } },
      schedule: settings.schedule.map {
        ScheduledMinimum(days: $0.days, begin: $0.at, end: $0.until, minimum: $0.minimum)
      })
    up = Pace(settings.up)
    down = Pace(settings.down)
    interval = settings.interval
    tolerance = settings.tolerance
    idle = settings.idle
  }
}

extension ScalingPolicy.Pace {
  init(_ settings: ScaleSettings.Pace) {
    self.init(
      window: settings.window, share: settings.share, replicas: settings.replicas,
      per: settings.per)
  }
}
