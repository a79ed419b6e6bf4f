public import Primitives

/// What fault records say of services over a time.
public enum FaultStatistics {
  /// One summary for each of `services`, in their order. `observedSince` is when watching began;
  /// the time before it counts for nothing. Faults count by their records, so that of a whole
  /// service being down counts beside those of its servers.
  public static func summaries(
    records: [FaultRecord], services: [String], observedSince: WallTime, now: WallTime
  ) -> [FaultSummary] {
    let byService = Dictionary(grouping: records, by: \.service)
    return services.map { service in
      summary(of: service, byService[service] ?? [], observedSince: observedSince, now: now)
    }
  }

  private static func summary(
    of service: String, _ records: [FaultRecord], observedSince: WallTime, now: WallTime
  ) -> FaultSummary {
    let durations = records.compactMap(\.duration)
    let observed = max(0, (now - observedSince).seconds)
    return FaultSummary(
      service: service, faults: records.count,
      open: records.count { $0.resolved == nil },
      mtbf: records.isEmpty ? nil : observed / Double(records.count),
      mttr: durations.isEmpty ? nil : durations.reduce(0, +) / Double(durations.count),
      availability: availability(records, observedSince: observedSince, now: now))
  }

  /// Overlapping times of being down count once.
  private static func availability(
    _ records: [FaultRecord], observedSince: WallTime, now: WallTime
  ) -> Double {
    let observed = (now - observedSince).seconds
    guard observed > 0 else { return 1 }
    let times = records.filter { $0.type.isOutage }
      .map { (from: max($0.began, observedSince), to: min($0.resolved ?? now, now)) }
      .filter { $0.from < $0.to }
      .sorted { $0.from < $1.from }
    var down = 0.0
    var counted = observedSince
    for time in times where time.to > counted {
      down += (time.to - max(time.from, counted)).seconds
      counted = time.to
    }
    return min(1, max(0, 1 - down / observed))
  }
}
