/// Which alerts follow from which: what hangs beneath a fault follows from it, and what is wrong with a
/// service that nobody serves follows from that. Nothing hides what is worse than itself.
struct AlertRoots: Sendable {
  private struct Root: Sendable {
    var id: String
    var severity: AlertSeverity

    func hides(_ alert: Alert) -> Bool { id != alert.id && severity >= alert.severity }
  }

  /// By the faults that they tell of.
  private var byFault: [Int64: Root] = [:]
  /// By service: what says that it is out, from a fault, and from a look at it.
  private var faultOutages: [String: Root] = [:]
  private var outages: [String: Root] = [:]

  init() {}

  init(_ alerts: some Collection<Alert>) {
    let firing = alerts.filter(\.isFiring)
    for alert in firing where alert.parent == nil {
      if let fault = alert.fault { Self.note(alert, in: &byFault[fault]) }
    }
    for alert in firing where alert.isOutage {
      if let parent = alert.parent, byFault[parent]?.hides(alert) == true { continue }
      for service in alert.outServices {
        if alert.fault != nil {
          Self.note(alert, in: &faultOutages[service])
        } else {
          Self.note(alert, in: &outages[service])
        }
      }
    }
  }

  /// The worst, and of equals always the same: several can tell of one thing.
  private static func note(_ alert: Alert, in root: inout Root?) {
    guard let known = root else {
      root = Root(id: alert.id, severity: alert.severity)
      return
    }
    if (known.severity, alert.id) < (alert.severity, known.id) {
      root = Root(id: alert.id, severity: alert.severity)
    }
  }

  /// The id of the alert that this one follows from; nil when it stands for itself.
  func root(of alert: Alert) -> String? {
    if let parent = alert.parent, let root = byFault[parent], root.hides(alert) { return root.id }
    // Two rules that tell of one outage may go to different people.
    guard let service = alert.service, alert.fault == nil || !alert.isOutage else { return nil }
    if let outage = faultOutages[service] { return outage.hides(alert) ? outage.id : nil }
    guard !alert.isOutage, let outage = outages[service], outage.hides(alert) else { return nil }
    return outage.id
  }
}
