internal import Primitives

/// A command line, parsed and checked against its command.
struct Invocation: Sendable {
  var arguments: [String] = []
  /// The values by option name; of a switch, an empty string. The last one counts.
  var values: [String: String] = [:]
  /// All values of options that take one, for those that may come more than once.
  var lists: [String: [String]] = [:]
  var environment: [String: String] = [:]
  var console: Console

  func has(_ option: String) -> Bool { values[option] != nil }

  /// The argument at that place; nil when an optional one is absent.
  func argument(_ index: Int) -> String? {
    arguments.indices.contains(index) ? arguments[index] : nil
  }

  /// An argument that the parser has already asked for.
  func required(_ index: Int) throws(CommandFailure) -> String {
    guard let word = argument(index) else { throw .wrongUsage("a word is missing") }
    return word
  }

  var format: OutputFormat { values["output"].flatMap(OutputFormat.init) ?? .table }

  func number(
    _ option: String, default fallback: Int, in range: ClosedRange<Int>
  ) throws(CommandFailure) -> Int {
    guard let text = values[option] else { return fallback }
    return try Self.number(text, "--\(option)", in: range)
  }

  /// What `--timeout` says.
  func timeout(_ fallback: TimeSpan) throws(CommandFailure) -> TimeSpan {
    guard let text = values["timeout"] else { return fallback }
    guard let span = HumanText.parseDuration(text), span > .zero else {
      throw .wrongUsage("--timeout is a length of time such as 30s or 5m, not '\(text)'")
    }
    return span
  }

  static func number(
    _ text: String, _ what: String, in range: ClosedRange<Int>
  ) throws(CommandFailure) -> Int {
    guard let number = Int(text), range.contains(number) else {
      throw .wrongUsage(
        "\(what) is a whole number from \(range.lowerBound) to \(range.upperBound), not '\(text)'")
    }
    return number
  }
}
