import Primitives

/// What the fault records say of the servers of one service that there are now, as of one moment.
struct ServerFaults {
  struct Outage {
    var server: String
    var began: WallTime
    /// The moment asked about, while it goes on.
    var ended: WallTime
    var isOver: Bool

    var seconds: Double { max(0, (ended - began).seconds) }
  }

  /// Oldest first.
  let outages: [Outage]
  let servers: [String]
  /// Seconds that one server was watched.
  let watched: Double

  /// Faults that began before `since`, of services as wholes, and of servers that are gone count for
  /// nothing: the time in which they could have happened isn't known.
  init(_ records: [FaultRecord], servers: [String], since: WallTime, now: WallTime) {
    self.servers = servers
    watched = max(0, (now - since).seconds)
    let known = Set(servers)
    outages = records.compactMap { record in
      guard Self.kinds.contains(record.type), let server = record.server, known.contains(server),
        record.began >= since, record.began <= now
      else { return nil }
      return Outage(
        server: server, began: record.began, ended: min(record.resolved ?? now, now),
        isOver: record.resolved != nil)
    }.sorted { $0.began < $1.began }
  }

  private static let kinds: Set<FaultRecord.Kind> = [.serverUnhealthy, .replicaExited, .crashLoop]

  /// How many began within `window` of a fault of another server.
  func together(within window: TimeSpan) -> Int {
    outages.indices.count { index in
      let outage = outages[index]
      func isNear(_ other: Outage) -> Bool {
        let distance = other.began - outage.began
        return distance <= window && TimeSpan.zero - distance <= window
      }
      // Sorted by time, so the search ends at the first one that is too far away.
      for other in outages[(index + 1)...] {
        guard isNear(other) else { break }
        if other.server != outage.server { return true }
      }
      for other in outages[..<index].reversed() {
        guard isNear(other) else { break }
        if other.server != outage.server { return true }
      }
      return false
    }
  }
}
