public import Primitives

/// What a channel has to tell, and how it fares.
public struct ChannelState: Codable, Sendable, Equatable {
  /// Keys of groups, oldest first: what is told of them is what holds when it is their turn.
  public private(set) var pending: [String] = []
  /// Those of the message that is on its way.
  public private(set) var underway: [String] = []
  /// When messages were sent, within the period of the budget.
  public var sent: [WallTime] = []
  /// In a row.
  public var failures = 0
  public var nextAttempt: WallTime?
  public var lastError: String?
  public var lastDelivery: WallTime?
  public var delivered: UInt64 = 0
  public var failed: UInt64 = 0
  /// The same as `pending`, for looking up.
  private var waiting: Set<String> = []

  private enum CodingKeys: String, CodingKey {
    case pending, underway, sent, failures, nextAttempt, lastError, lastDelivery, delivered, failed
  }

  mutating func add(_ key: String) {
    if waiting.insert(key).inserted { pending.append(key) }
  }

  func isOwed(_ key: String) -> Bool { waiting.contains(key) || underway.contains(key) }

  /// The first ones go on their way.
  mutating func begin(_ count: Int) {
    underway = Array(pending.prefix(count))
    pending.removeFirst(underway.count)
    waiting.subtract(underway)
  }

  mutating func succeed() { underway = [] }

  /// What was on its way waits again, before all else.
  mutating func fail() {
    let again = underway.filter { waiting.insert($0).inserted }
    pending = again + pending
    underway = []
  }

  /// After it was read from the store: nobody knows what came of a message that was on its way.
  mutating func resume() {
    waiting = Set(pending)
    fail()
  }
}
