public import Primitives

/// Decides what follows a try to deliver to one sink: when the next one is, and what is told to
/// people, who are not told of each.
public struct DeliveryMachine: Sendable {
  public enum Event: Sendable, Equatable {
    /// The first ones were acknowledged, and nothing stands against the next.
    case delivered(Int)
    /// The sink can't be reached, or takes nothing now; some may have been acknowledged before.
    case failed(String, delivered: Int)
  }

  public enum Notice: Sendable, Equatable {
    case failing(String)
    case recovered(after: TimeSpan)
    /// So many more were dropped.
    case dropped(UInt64)
  }

  public struct Action: Sendable, Equatable {
    /// Zero goes on at once.
    public var pause: TimeSpan
    public var notice: Notice?
  }

  /// The pauses after failures: twice as long each time, up to the longest, each shortened by up to
  /// a half, so that several Ballasts don't come at the same moment.
  public static let shortestPause = TimeSpan.milliseconds(500)
  public static let longestPause = TimeSpan.seconds(30)
  /// Between two notices of failing: what is told becomes a message itself.
  public static let noticePause = TimeSpan.minutes(1)

  public private(set) var failures = 0
  public private(set) var lastError: String?
  public private(set) var retries: UInt64 = 0
  public private(set) var delivered: UInt64 = 0
  private var failingSince: Instant?
  private var noticed: Instant?
  private var isNoticed = false
  private var toldDropped: UInt64?
  private var dropNoticed: Instant?
  private var random: SeededRandom

  public init(seed: UInt64) { random = SeededRandom(seed: seed) }

  public var isFailing: Bool { failures > 0 }

  public mutating func handle(_ event: Event, now: Instant) -> Action {
    switch event {
    case .delivered(let count):
      delivered &+= UInt64(max(0, count))
      defer { (failures, failingSince, lastError) = (0, nil, nil) }
      guard isNoticed, let since = failingSince else { return Action(pause: .zero) }
      isNoticed = false
      return Action(pause: .zero, notice: .recovered(after: now - since))
    case .failed(let reason, let count):
      delivered &+= UInt64(max(0, count))
      retries &+= 1
      failures = min(failures + 1, 64)
      lastError = reason
      if failingSince == nil { failingSince = now }
      return Action(pause: pause(), notice: notice(of: reason, now: now))
    }
  }

  /// - Parameter total: messages that the sink never got, since it is known.
  public mutating func dropped(total: UInt64, now: Instant) -> Notice? {
    // What was lost before this engine was told of then.
    guard let before = toldDropped else {
      toldDropped = total
      return nil
    }
    guard total > before else { return nil }
    if let dropNoticed, now - dropNoticed < Self.noticePause { return nil }
    toldDropped = total
    dropNoticed = now
    return .dropped(total - before)
  }

  private mutating func pause() -> TimeSpan {
    let doublings = min(failures - 1, 16)
    let full = min(
      Self.shortestPause.milliseconds << Int64(doublings), Self.longestPause.milliseconds)
    return .milliseconds(full - Int64(random.below(Int(clamping: full / 2 + 1))))
  }

  private mutating func notice(of reason: String, now: Instant) -> Notice? {
    if isNoticed { return nil }
    if let noticed, now - noticed < Self.noticePause { return nil }
    noticed = now
    isNoticed = true
    return .failing(reason)
  }
}
