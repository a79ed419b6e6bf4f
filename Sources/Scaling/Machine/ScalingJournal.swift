public import Primitives

/// The last decisions, with their reasons. Looks that change nothing for the same reason stand in one
/// entry, so that the list reaches back to the changes.
public struct ScalingJournal: Sendable {
  public struct Entry: Sendable, Equatable {
    public var decision: ScalingDecision
    public var at: WallTime
    /// Of the last look with the same outcome, and how many there were.
    public var until: WallTime
    public var times = 1
  }

  public static let limit = 50

  /// Oldest first.
  public private(set) var entries: [Entry] = []

  public init() {}

  public mutating func add(_ decision: ScalingDecision, at time: WallTime) {
    if let last = entries.indices.last, decision.direction == .none,
      entries[last].decision.direction == .none, entries[last].decision.from == decision.from,
      entries[last].decision.reason == decision.reason
    {
      entries[last].decision = decision
      entries[last].until = time
      entries[last].times &+= 1
      return
    }
    entries.append(Entry(decision: decision, at: time, until: time))
    if entries.count > Self.limit { entries.removeFirst(entries.count - Self.limit) }
  }
}
