import Primitives

/// One root cause as one service saw it: from the first of its records to the end of the last, with
/// what was said of the root.
struct FaultIncident {
  var root: Int64
  var began: WallTime
  var detected: WallTime
  var acknowledged: WallTime?
  /// Nil while one of its records is open.
  var resolved: WallTime?

  /// Seconds; nil while open.
  var duration: Double? { resolved.map { max(0, ($0 - began).seconds) } }

  /// Seconds from when it was certain to when somebody said to look after it; nil without one.
  var delay: Double? { acknowledged.map { max(0, ($0 - detected).seconds) } }

  /// - Parameters:
  ///   - records: of one service, those beneath others as well.
  ///   - roots: all records by their ids, for those whose root is of no service.
  static func of(_ records: [FaultRecord], roots: [Int64: FaultRecord]) -> [FaultIncident] {
    var incidents: [Int64: FaultIncident] = [:]
    for record in records {
      let known = roots[record.root]
      guard var incident = incidents[record.root] else {
        incidents[record.root] = FaultIncident(
          root: record.root, began: record.began, detected: record.detected,
          acknowledged: known?.acknowledged ?? record.acknowledged, resolved: record.resolved)
        continue
      }
      incident.began = min(incident.began, record.began)
      incident.detected = min(incident.detected, record.detected)
      incident.acknowledged = incident.acknowledged ?? record.acknowledged
      if let one = incident.resolved, let other = record.resolved {
        incident.resolved = max(one, other)
      } else {
        incident.resolved = nil
      }
      incidents[record.root] = incident
    }
    return incidents.values.sorted { $0.root < $1.root }
  }
}

extension [FaultIncident] {
  /// Mean seconds from beginning to end of those that are over; nil without any.
  var meanDuration: Double? { Self.mean(compactMap(\.duration)) }

  /// Mean seconds until somebody acknowledged those that somebody did; nil without any.
  var meanDelay: Double? { Self.mean(compactMap(\.delay)) }

  private static func mean(_ values: [Double]) -> Double? {
    values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
  }
}
