public import Primitives

/// What fault records say of services over a time.
public enum FaultStatistics {
  /// One summary for each of `services`, in their order. `observedSince` is when watching began;
  /// the time before it counts for nothing. A root cause counts once for each service that it
  /// touches, whatever hangs beneath it.
  public static func summaries(
    records: [FaultRecord], services: [String], observedSince: WallTime, now: WallTime
  ) -> [FaultSummary] {
    let byService = Dictionary(grouping: records, by: \.service)
    let roots = Dictionary(records.map { ($0.id, $0) }) { $1 }
    return services.map { service in
      let own = byService[service] ?? []
      let incidents = FaultIncident.of(own, roots: roots)
      let observed = max(0, (now - observedSince).seconds)
      return FaultSummary(
        service: service, faults: incidents.count,
        open: incidents.count { $0.resolved == nil },
        mtbf: incidents.isEmpty ? nil : observed / Double(incidents.count),
        mttr: incidents.meanDuration, mtta: incidents.meanDelay,
        availability: 1 - share(down(own, from: observedSince, to: now), of: observed))
    }
  }

  /// Seconds of a span in which nobody served; overlapping times count once.
  static func down(_ records: [FaultRecord], from start: WallTime, to end: WallTime) -> Double {
    let times = records.filter { $0.type.isOutage }
      .map { (from: max($0.began, start), to: min($0.resolved ?? $0.recovered ?? end, end)) }
      .filter { $0.from < $0.to }
      .sorted { $0.from < $1.from }
    var down = 0.0
    var counted = start
    for time in times where time.to > counted {
      down += (time.to - max(time.from, counted)).seconds
      counted = time.to
    }
    return down
  }

  static func share(_ part: Double, of whole: Double) -> Double {
    whole > 0 ? min(1, max(0, part / whole)) : 0
  }
}
