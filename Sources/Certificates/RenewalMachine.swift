public import Primitives

/// What becomes of the files of one certificate that change on disk.
///
/// A certificate and its key are two files, and no writer replaces both at one moment: a pair that does
/// not fit is given a little time before anybody is told.
public struct RenewalMachine: Sendable {
  public enum Event: Sendable, Equatable {
    /// The files were looked at: whether they are others than those that were read last.
    case looked(hasChanged: Bool)
    /// What `read` found.
    case read(isGood: Bool)
  }

  public enum Action: Sendable, Equatable {
    case none
    case read
    /// Use what was read from now on.
    case take
    /// Tell that the files are no good; what was used before stays in use.
    case refuse
  }

  private enum State {
    case settled
    /// The files are no good since then, and may still be written.
    case doubtful(since: Instant)
    case refused
  }

  /// For the second of two files to come.
  public static let patience = TimeSpan.seconds(2)

  private var state = State.settled

  public init() {}

  public mutating func handle(_ event: Event, now: Instant) -> Action {
    switch event {
    case .looked(hasChanged: true): return .read
    case .looked(hasChanged: false):
      guard case .doubtful(let since) = state, now - since >= Self.patience else { return .none }
      state = .refused
      return .refuse
    case .read(isGood: true):
      state = .settled
      return .take
    case .read(isGood: false):
      if case .doubtful = state { return .none }
      state = .doubtful(since: now)
      return .none
    }
  }
}
