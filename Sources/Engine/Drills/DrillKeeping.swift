import AdminAPI
import Drills
import Faults
import Primitives

/// A drill as the store keeps it, from before its beginning to its end.
struct KeptDrill: Codable, Sendable {
  var order: DrillOrder
  var status: DrillStatus
}

/// The drill that is under way, and the last ones.
struct DrillKeeping {
  struct Running {
    var number: Int
    var machine: DrillMachine
    var status: DrillStatus
    /// The counters at its beginning, and how far they have come.
    var before = Counters()
    var latest = Counters()
    var isAsking = false
  }

  struct Counters {
    var service = TrafficSample.Service()
    var drilled: UInt64 = 0
  }

  /// Reports that are kept.
  static let reportLimit = 20
  /// How often a drill is looked at.
  static let beat = TimeSpan.milliseconds(50)

  var running: Running?
  var latest = 0
  /// Oldest first.
  var reports: [DrillStatus] = []
  /// When replicas were started that are not ready yet, and how long the last one took, by service.
  var replicasStarted: [ServerName: Instant] = [:]
  var startTimes: [String: TimeSpan] = [:]

  mutating func keep(_ status: DrillStatus) {
    reports.append(status)
    reports.removeFirst(max(reports.count - Self.reportLimit, 0))
  }
}
