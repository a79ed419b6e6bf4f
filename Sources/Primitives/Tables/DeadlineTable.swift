/// One deadline for each place of a slab. Setting one is a store and a comparison, which matters on
/// a path that sets several a request; finding the expired ones is a sweep over all, at most once a
/// beat and only when the earliest is due.
public struct DeadlineTable {
  private var deadlines: [UInt64] = []
  /// Never later than the earliest deadline; may be earlier, as deadlines move back.
  private var earliest = UInt64.max
  private var nextSweep = Instant.zero

  /// How late a deadline may be noticed.
  public static let beat = TimeSpan.milliseconds(20)

  public init() {}

  public mutating func set(_ index: Int, _ deadline: Instant) {
    while index >= deadlines.count { deadlines.append(.max) }
    deadlines[index] = deadline.nanoseconds
    if deadline.nanoseconds < earliest { earliest = deadline.nanoseconds }
  }

  public mutating func clear(_ index: Int) {
    if index < deadlines.count { deadlines[index] = .max }
  }

  /// Nil for a place without a deadline.
  public subscript(index: Int) -> Instant? {
    guard index < deadlines.count, deadlines[index] != .max else { return nil }
    return Instant(nanoseconds: deadlines[index])
  }

  /// When `sweep` is to be called next; nil without any deadline.
  public var nextDue: Instant? {
    earliest == .max ? nil : max(Instant(nanoseconds: earliest), nextSweep)
  }

  /// Appends the places whose deadline has passed to `expired` and clears their deadlines.
  public mutating func sweep(now: Instant, into expired: inout [Int]) {
    guard now.nanoseconds >= earliest, now >= nextSweep else { return }
    nextSweep = now + Self.beat
    earliest = .max
    for index in deadlines.indices {
      let deadline = deadlines[index]
      if deadline <= now.nanoseconds {
        deadlines[index] = .max
        expired.append(index)
      } else if deadline < earliest {
        earliest = deadline
      }
    }
  }
}
