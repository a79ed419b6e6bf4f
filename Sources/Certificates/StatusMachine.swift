public import Primitives

/// When a certificate's status is asked for (RFC 6960), and for how long an answer is shown.
public struct StatusMachine: Sendable {
  public enum Event: Sendable, Equatable {
    /// Time has passed.
    case looked
    /// An answer that is good to be shown. Without a `nextUpdate` its responder makes one for each
    /// question.
    case answered(nextUpdate: WallTime?)
    case failed
  }

  public enum Action: Sendable, Equatable {
    case none
    case ask
    /// Show what came.
    case show
    /// Show nothing any more: it holds no longer.
    case hide
  }

  /// Between two questions, whatever an answer says.
  public static let soonest = TimeSpan.minutes(1)
  public static let latest = TimeSpan.hours(24)
  /// For an answer that doesn't say when there is another.
  public static let undated = TimeSpan.hours(1)
  /// After failures one behind the other, from `soonest` on and doubled each time.
  public static let longestPause = TimeSpan.hours(1)

  /// Failures since the last answer.
  public private(set) var failures = 0
  private var due: WallTime?
  private var holdsUntil: WallTime?
  private var isAsking = false

  public init() {}

  public mutating func handle(_ event: Event, now: WallTime) -> Action {
    switch event {
    case .looked:
      if let end = holdsUntil, end <= now {
        holdsUntil = nil
        return .hide
      }
      guard !isAsking, due.map({ $0 <= now }) ?? true else { return .none }
      isAsking = true
      return .ask
    case .answered(let next):
      isAsking = false
      failures = 0
      let end = next ?? now.advanced(by: Self.undated)
      holdsUntil = end
      let half = TimeSpan(nanoseconds: (end - now).nanoseconds / 2)
      due = now.advanced(by: min(max(half, Self.soonest), Self.latest))
      return .show
    case .failed:
      isAsking = false
      failures = min(failures + 1, 16)
      let pause = Self.soonest.nanoseconds << (failures - 1)
      due = now.advanced(by: min(TimeSpan(nanoseconds: pause), Self.longestPause))
      return .none
    }
  }
}

extension WallTime {
  fileprivate func advanced(by span: TimeSpan) -> WallTime {
    WallTime(milliseconds: milliseconds &+ span.milliseconds)
  }
}
