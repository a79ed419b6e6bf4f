import Primitives

/// What happens, by time; what is planned for the same time happens in the order of planning.
struct EventHeap {
  struct Entry {
    var time: Instant
    var order: UInt64
    var event: SimulatedEvent
  }

  private var entries: [Entry] = []
  private var order: UInt64 = 0

  var isEmpty: Bool { entries.isEmpty }

  mutating func schedule(_ event: SimulatedEvent, at time: Instant) {
    order &+= 1
    let entry = Entry(time: time, order: order, event: event)
    var place = entries.count
    entries.append(entry)
    while place > 0 {
      let parent = (place - 1) / Self.arity
      guard Self.precedes(entry, entries[parent]) else { break }
      entries[place] = entries[parent]
      place = parent
    }
    entries[place] = entry
  }

  mutating func next() -> Entry? {
    guard let first = entries.first, let last = entries.popLast() else { return nil }
    let count = entries.count
    if count == 0 { return first }
    var place = 0
    while true {
      let child = place * Self.arity + 1
      if child >= count { break }
      var least = child
      for other in child + 1..<max(child + 1, min(child + Self.arity, count))
      where Self.precedes(entries[other], entries[least]) {
        least = other
      }
      guard Self.precedes(entries[least], last) else { break }
      entries[place] = entries[least]
      place = least
    }
    entries[place] = last
    return first
  }

  /// Four children a parent: half the depth of a binary heap, in the same cache lines.
  private static let arity = 4

  private static func precedes(_ left: Entry, _ right: Entry) -> Bool {
    left.time == right.time ? left.order < right.order : left.time < right.time
  }
}
