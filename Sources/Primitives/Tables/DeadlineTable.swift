/// One deadline for each place of a slab, swept at a fixed beat. Setting one is a single store,
/// which matters more on a path that sets several a request than the sweep, which costs a
/// nanosecond a place.
public struct DeadlineTable {
  private var deadlines: [UInt64] = []
  private var nextSweep = Instant.zero

  /// How late a deadline may be noticed.
  public static let beat = TimeSpan.milliseconds(20)

  public init() {}

  public mutating func set(_ index: Int, _ deadline: Instant) {
    while index >= deadlines.count { deadlines.append(.max) }
    deadlines[index] = deadline.nanoseconds
  }

  public mutating func clear(_ index: Int) { set(index, .distantFuture) }

  public func deadline(_ index: Int) -> Instant {
    index < deadlines.count ? Instant(nanoseconds: deadlines[index]) : .distantFuture
  }

  /// Appends the places whose deadline has passed to `expired` and clears their deadlines. Does
  /// nothing until the beat is over.
  public mutating func sweep(now: Instant, into expired: inout [Int]) {
    guard now >= nextSweep else { return }
    nextSweep = now + Self.beat
    for index in deadlines.indices where deadlines[index] <= now.nanoseconds {
      deadlines[index] = .max
      expired.append(index)
    }
  }
}
