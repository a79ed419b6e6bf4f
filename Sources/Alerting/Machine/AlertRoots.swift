/// Which alerts follow from which: what hangs beneath a fault follows from it, and what is wrong with a
/// service that nobody serves follows from that.
struct AlertRoots: Sendable {
  /// Ids of alerts by the faults that they tell of.
  private var byFault: [Int64: String] = [:]
  /// By service: the alert that says that it is out, from a fault, and from a look at it.
  private var faultOutages: [String: String] = [:]
  private var outages: [String: String] = [:]

  init() {}

  init(_ alerts: some Collection<Alert>) {
    let firing = alerts.filter(\.isFiring)
    for alert in firing where alert.parent == nil {
      if let fault = alert.fault { byFault[fault] = Self.first(byFault[fault], alert.id) }
    }
    for alert in firing where alert.isOutage {
      if let parent = alert.parent, byFault[parent] != nil { continue }
      for service in alert.outServices {
        if alert.fault != nil {
          faultOutages[service] = Self.first(faultOutages[service], alert.id)
        } else {
          outages[service] = Self.first(outages[service], alert.id)
        }
      }
    }
  }

  /// The same one whatever the order: two alerts can tell of one thing.
  private static func first(_ known: String?, _ other: String) -> String {
    known.map { min($0, other) } ?? other
  }

  /// The id of the alert that this one follows from; nil when it stands for itself.
  func root(of alert: Alert) -> String? {
    if let parent = alert.parent, let root = byFault[parent] { return root }
    // Two rules that tell of one outage may go to different people.
    guard let service = alert.service, alert.fault == nil || !alert.isOutage else { return nil }
    if let outage = faultOutages[service] { return outage }
    return alert.isOutage ? nil : outages[service]
  }
}
