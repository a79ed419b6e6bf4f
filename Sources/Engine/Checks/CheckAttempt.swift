import HealthChecking

/// One check under way. Calls back once, or never after `cancel`; perhaps before `run` returns.
protocol CheckAttempt: AnyObject {
  func run()
  func cancel()
}

/// Reads what a server answers to a check, piece by piece.
protocol AnswerReader {
  /// - Returns: the verdict, as soon as it is certain.
  mutating func take(_ bytes: ArraySlice<UInt8>) -> CheckResult?
  /// The server closed.
  mutating func finish() -> CheckResult
}
