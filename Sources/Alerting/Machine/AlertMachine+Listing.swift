import Primitives

/// What people see of alerts, a page at a time.
extension AlertMachine {
  /// Those that fire, then those that wait, then those that are over; of each the worst first, then
  /// the oldest.
  ///
  /// - Parameters:
  ///   - service: only of this one.
  ///   - last: the id of the last one of the page before.
  ///   - limit: at most so many.
  /// - Returns: nil when there is no alert `last` any more.
  public func page(of service: String?, after last: String?, limit: Int) -> [Alert]? {
    var places: [Place] = []
    places.reserveCapacity(service == nil ? alerts.count : 0)
    for alert in alerts.values where service == nil || alert.service == service {
      places.append(Place(alert))
    }
    if let last {
      guard let place = alerts[last].map(Place.init) else { return nil }
      places.removeAll { $0 <= place }
    }
    places.sort()
    return places.prefix(max(0, limit)).compactMap { alerts[$0.id] }
  }

  private struct Place: Comparable {
    /// Smaller comes first.
    var rank: Int
    var since: WallTime
    var id: String

    init(_ alert: Alert) {
      let state =
        switch alert.state {
        case .firing: 0
        case .pending: 1
        case .resolved: 2
        }
      let severities = AlertSeverity.allCases
      let mildness = severities.count { $0 > alert.severity }
      rank = state * severities.count + mildness
      since = alert.since
      id = alert.id
    }

    static func < (left: Place, right: Place) -> Bool {
      (left.rank, left.since, left.id) < (right.rank, right.since, right.id)
    }
  }
}
