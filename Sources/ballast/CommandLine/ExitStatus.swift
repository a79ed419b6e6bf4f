/// What the program's end says to scripts.
enum ExitStatus: Int32, CaseIterable {
  case done = 0
  case failed = 1
  case wrongUsage = 2
  case differences = 3
  case notReachable = 4

  var meaning: String {
    switch self {
    case .done: "done"
    case .failed: "failed"
    case .wrongUsage: "wrong usage"
    case .differences: "there are differences"
    case .notReachable: "Ballast is not reachable"
    }
  }
}

/// Ends a command: a sentence for people, further lines, and the exit status.
struct CommandFailure: Error, Equatable {
  var status: ExitStatus
  var message: String
  var details: [String] = []
  /// Ballast knows nothing of the name that was asked for.
  var isNotFound = false
  /// The engine that was asked gives its place to another just now.
  var isUnavailable = false
  /// What was sent has mistakes, which the details show.
  var isInvalid = false

  static func failed(_ message: String, details: [String] = []) -> CommandFailure {
    CommandFailure(status: .failed, message: message, details: details)
  }

  static func wrongUsage(_ message: String, details: [String] = []) -> CommandFailure {
    CommandFailure(status: .wrongUsage, message: message, details: details)
  }
}
