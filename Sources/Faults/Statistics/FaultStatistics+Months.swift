public import Primitives

extension FaultStatistics {
  /// Beyond them the oldest are left out.
  public static let mostMonths = 120
  /// Where no objective is named.
  public static let usualObjective = 0.999

  /// One for each service and month that was watched, services in their order, the newest month first.
  /// - Parameters:
  ///   - objectives: by service, 0 … 1; `usualObjective` for others.
  public static func months(
    records: [FaultRecord], services: [String], objectives: [String: Double] = [:],
    observedSince: WallTime, now: WallTime
  ) -> [FaultMonth] {
    let byService = Dictionary(grouping: records, by: \.service)
    let roots = Dictionary(records.map { ($0.id, $0) }) { $1 }
    let months = CalendarMonth.all(from: observedSince, to: now).suffix(mostMonths).reversed()
    return services.flatMap { service in
      let own = byService[service] ?? []
      let incidents = FaultIncident.of(own, roots: roots)
      let objective = objectives[service] ?? usualObjective
      return months.map { month in
        self.month(
          month, of: service, own, incidents, objective: objective,
          from: max(month.start, observedSince), to: min(month.end, now))
      }
    }
  }

  private static func month(
    _ month: CalendarMonth, of service: String, _ records: [FaultRecord],
    _ all: [FaultIncident], objective: Double, from: WallTime, to: WallTime
  ) -> FaultMonth {
    let incidents = all.filter { $0.began >= month.start && $0.began < month.end }
    let observed = max(0, (to - from).seconds)
    let down = down(records, from: from, to: to)
    // Of the whole month: what a month may cost doesn't grow with its days.
    let budget = (month.end - month.start).seconds * (1 - min(1, max(0, objective)))
    return FaultMonth(
      service: service, month: month.name, observed: observed, faults: incidents.count,
      open: incidents.count { $0.resolved == nil },
      mtbf: incidents.isEmpty ? nil : observed / Double(incidents.count),
      mttr: incidents.meanDuration, mtta: incidents.meanDelay, down: down,
      availability: 1 - share(down, of: observed), objective: objective, budget: budget,
      budgetSpent: down, budgetLeft: budget > 0 ? 1 - down / budget : down > 0 ? -1 : 1)
  }
}

/// A month of UTC.
struct CalendarMonth: Equatable {
  /// `2026-11`.
  var name: String
  var start: WallTime
  /// The first moment of the next.
  var end: WallTime

  /// Those that a span touches, the oldest first; none where the year has more than four digits.
  static func all(from: WallTime, to: WallTime) -> [CalendarMonth] {
    let text = max(from, WallTime(milliseconds: 0)).description
    guard let year = Int(text.prefix(4)), let month = Int(text.dropFirst(5).prefix(2)),
      text.utf8.count == 24, from <= to
    else { return [] }
    var months: [CalendarMonth] = []
    var number = year * 12 + month - 1
    while let start = first(of: number), start <= to, let end = first(of: number + 1) {
      months.append(CalendarMonth(name: name(number), start: start, end: end))
      number += 1
    }
    return months
  }

  private static func name(_ number: Int) -> String {
    let (year, month) = (number / 12, number % 12 + 1)
    let digits = String(year)
    return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
      + (month < 10 ? "-0\(month)" : "-\(month)")
  }

  private static func first(of number: Int) -> WallTime? {
    WallTime("\(name(number))-01T00:00:00Z")
  }
}
