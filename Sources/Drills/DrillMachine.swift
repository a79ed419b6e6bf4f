public import Primitives

/// One drill from its beginning to its end. Whatever happens on the way, what it does to a server is
/// undone at its end, and the end comes.
///
///     beginning ──carried out──▶ active ──span over, stopped──▶ recovering ──well, time over──▶ over
///         └──────refused─────────────────────────────────────────────────────────────────────▶
///
/// Duties of the caller:
/// 1. Keep the order where the next engine finds it before `inject` is carried out, until `finish`.
/// 2. Carry out the actions in order; `undo` may come more than once, and for what was never done.
/// 3. Send `tick` once `nextDeadline` is reached; ask for it anew after every event.
/// 4. Of a drill that an engine before this one left: `leftBehind`, and nothing else.
public struct DrillMachine: Sendable {
  public enum Event: Sendable, Equatable {
    /// What `inject` ordered is done · could not be done.
    case carriedOut
    case refused(String)
    /// The server takes no more work, and what said so.
    case leftOut(by: String)
    /// It takes its share.
    case well
    /// Somebody ends it early.
    case stopped
    case tick
  }

  public enum Action: Sendable, Equatable {
    case inject
    case undo
    case finish
  }

  public enum End: String, Codable, Sendable {
    /// It ran to its end, and the server is well · is not well within the time that was given.
    case done
    case unrecovered = "not-recovered"
    case stopped
    case refused
    /// The engine ended in the middle.
    case interrupted
  }

  enum Phase: Sendable, Equatable {
    case beginning(since: Instant)
    case active(until: Instant)
    case recovering(until: Instant)
    case over
  }

  /// How long `inject` may take, and how long recovery is watched.
  public static let beginningTime = TimeSpan.seconds(5)
  public static let recoveryTime = TimeSpan.minutes(2)

  public let order: DrillOrder
  private(set) var phase: Phase
  public private(set) var began: Instant
  /// When it was undone; of a kill, when it was done.
  public private(set) var undone: Instant?
  public private(set) var leftOut: (at: Instant, by: String)?
  public private(set) var recovered: Instant?
  public private(set) var end: End?
  /// What refused it.
  public private(set) var reason: String?
  private var wasStopped = false

  public init(_ order: DrillOrder, now: Instant) {
    self.order = order
    phase = .beginning(since: now)
    began = now
  }

  /// What to do about a drill that an engine before this one had begun.
  public static func leftBehind(_ order: DrillOrder) -> [Action] {
    order.kind.isUndone ? [.undo, .finish] : [.finish]
  }

  public var isOver: Bool { phase == .over }
  public var isActive: Bool { if case .active = phase { true } else { false } }

  /// The first actions.
  public var beginning: [Action] { [.inject] }

  public var nextDeadline: Instant? {
    switch phase {
    case .beginning(let since): since + Self.beginningTime
    case .active(let until), .recovering(let until): until
    case .over: nil
    }
  }

  public mutating func handle(_ event: Event, now: Instant) -> [Action] {
    switch (phase, event) {
    case (.over, _): return []
    case (_, .leftOut(let by)):
      if leftOut == nil, !isBeginning { leftOut = (now, by) }
      return []
    case (.beginning, .carriedOut):
      began = now
      guard order.kind.isUndone else { return recover(now) }
      phase = .active(until: now + order.span)
      return []
    case (.beginning, .refused(let why)): return finish(.refused, why)
    case (.beginning, .stopped): return finish(.stopped, nil)
    case (.beginning, .tick) where isDue(now):
      return finish(.refused, "it did not begin within \(Self.beginningTime)")
    case (.active, .stopped):
      wasStopped = true
      return recover(now)
    case (.active, .tick) where isDue(now): return recover(now)
    case (.recovering, .well):
      // A process that was killed is not well before its end was seen.
      guard order.kind.isUndone || leftOut != nil else { return [] }
      // One that was never left out was well all the time.
      recovered = leftOut == nil ? undone : now
      return finish(wasStopped ? .stopped : .done, nil)
    case (.recovering, .stopped): return finish(.stopped, nil)
    case (.recovering, .tick) where isDue(now): return finish(.unrecovered, nil)
    default: return []
    }
  }

  private var isBeginning: Bool { if case .beginning = phase { true } else { false } }

  private func isDue(_ now: Instant) -> Bool { nextDeadline.map { now >= $0 } ?? false }

  private mutating func recover(_ now: Instant) -> [Action] {
    undone = now
    phase = .recovering(until: now + Self.recoveryTime)
    return order.kind.isUndone ? [.undo] : []
  }

  /// Undone once more: a beginning that seems to have failed may have been half done.
  private mutating func finish(_ end: End, _ why: String?) -> [Action] {
    phase = .over
    self.end = end
    reason = why
    return order.kind.isUndone ? [.undo, .finish] : [.finish]
  }
}
