public import Primitives

/// What is done to a server, so that one sees what comes of it.
public enum DrillKind: String, Codable, Sendable, CaseIterable {
  /// SIGKILL to a replica, as a crash.
  case kill
  /// SIGSTOP to a replica, and SIGCONT at the end.
  case hang
  /// Answers are held back on their way through Ballast.
  case slow
  /// Answers are replaced by 503 on their way through Ballast.
  case errors

  /// Whether it is done to a process that Ballast runs.
  public var needsProcess: Bool { self == .kill || self == .hang }
  /// Whether there is something to undo at its end.
  public var isUndone: Bool { self != .kill }
}

public struct DrillOrder: Codable, Sendable, Equatable {
  /// The longest drill; every one ends by itself.
  public static let longest = TimeSpan.minutes(10)
  public static let longestDelay = TimeSpan.seconds(30)

  public var kind: DrillKind
  public var service: String
  public var server: String
  /// How long it lasts; of a kill, nothing.
  public var span: TimeSpan
  /// Of the server's requests, 0 … 1; of kill and hang all.
  public var share: Double
  /// Of a slow answer.
  public var delay: TimeSpan

  public init(
    kind: DrillKind, service: String, server: String, span: TimeSpan = .seconds(10),
    share: Double = 1, delay: TimeSpan = .milliseconds(300)
  ) {
    self.kind = kind
    self.service = service
    self.server = server
    self.span = kind == .kill ? .zero : min(max(span, .milliseconds(1)), Self.longest)
    self.share = kind.needsProcess ? 1 : min(max(share, 0), 1)
    self.delay = min(max(delay, .zero), Self.longestDelay)
  }

  /// `hang for 10s`, `errors in 50% of the requests for 10s`.
  public var text: String {
    let part = share < 1 ? " in \(Int((share * 100).rounded()))% of the requests" : ""
    switch kind {
    case .kill: return "kill"
    case .hang: return "hang for \(span)"
    case .slow: return "slow by \(delay)\(part) for \(span)"
    case .errors: return "errors\(part) for \(span)"
    }
  }
}
