/// How much the store keeps; the oldest goes first.
public struct Retention: Sendable, Equatable {
  public var events: Int
  /// Resolved ones; open faults always stay.
  public var faults: Int

  public init(events: Int = 100_000, faults: Int = 10_000) {
    self.events = max(1, events)
    self.faults = max(1, faults)
  }
}
