import Faults

/// The last events, so that they can be shown without the store.
struct EventRing: Sendable {
  static let limit = 1_000

  private(set) var events: [EventRecord] = []

  mutating func append(_ more: [EventRecord]) {
    events += more
    if events.count > Self.limit { events.removeFirst(events.count - Self.limit) }
  }

  /// The events of the store with those that it doesn't have yet: oldest first, those that follow
  /// the id `after`, or the last ones without it.
  func merged(
    with stored: [EventRecord], service: String?, after: Int64?, limit: Int
  ) -> [EventRecord] {
    var seen = Set(stored.map(\.id))
    var all = stored
    for event in events where service == nil || event.service == service {
      if event.id > after ?? .min, seen.insert(event.id).inserted { all.append(event) }
    }
    all.sort { $0.id < $1.id }
    return Array(after == nil ? all.suffix(limit) : all.prefix(limit))
  }
}
