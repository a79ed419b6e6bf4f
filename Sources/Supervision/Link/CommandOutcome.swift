/// How a command ended.
public enum CommandEnd: Codable, Sendable, Hashable, CustomStringConvertible {
  case exited(ProcessEnd)
  /// Killed, its time was over.
  case timedOut
  /// A sentence that says why.
  case notStarted(String)

  /// `exited with code 3`, `took too long`, `cannot run ./check: not executable`.
  public var description: String {
    switch self {
    case .exited(let end): end.description
    case .timedOut: "took too long"
    case .notStarted(let reason): reason
    }
  }
}

/// A command's end, and the last of what it wrote to standard output and error.
public struct CommandOutcome: Codable, Sendable, Equatable {
  public var id: UInt64
  public var end: CommandEnd
  /// At most `CommandLimits.outputBytes`; what is not UTF-8 is replaced.
  public var output: String

  public init(id: UInt64, end: CommandEnd, output: String = "") {
    self.id = id
    self.end = end
    self.output = output
  }

  /// Exit code 0.
  public var succeeded: Bool { end == .exited(.code(0)) }

  /// The last line that is not blank; nil when it said nothing.
  public var lastLine: String? {
    let lines = output.split(whereSeparator: \.isNewline)
    return lines.last { !$0.allSatisfy(\.isWhitespace) }.map(String.init)
  }

  /// For people: `exited with code 3: disk full`.
  public var summary: String { lastLine.map { "\(end): \($0)" } ?? "\(end)" }
}
