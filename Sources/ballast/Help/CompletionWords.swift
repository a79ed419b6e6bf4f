/// What all shells' scripts have in common.
enum CompletionWords {
  /// A shell command that prints the words which fit, one a line; nil for none and for files.
  /// - Parameter kindBefore: how the shell names the argument before.
  static func source(_ completion: Completion, kindBefore: String) -> String? {
    switch completion {
    case .nothing, .files: nil
    case .words(let words): "printf '%s\\n' \(words.joined(separator: " "))"
    case .names(let kind): names(of: kind.rawValue)
    case .namesOfKindBefore: names(of: kindBefore)
    }
  }

  private static func names(of kind: String) -> String {
    "ballast get \(kind) -o name 2>/dev/null"
  }

  /// The first words of all commands, each once, in their order.
  static func firstWords(_ commands: [Command]) -> [String] {
    var seen: Set<String> = []
    return commands.compactMap { seen.insert($0.words[0]).inserted ? $0.words[0] : nil }
  }

  /// The second words of the commands that begin with this one.
  static func secondWords(_ word: String, _ commands: [Command]) -> [String] {
    commands.filter { $0.words.count > 1 && $0.words[0] == word }.map { $0.words[1] }
  }

  static func optionWords(_ command: Command) -> [String] {
    command.allOptions.flatMap { option in
      ["--\(option.name)"] + (option.short.map { ["-\($0)"] } ?? [])
    }
  }

  /// Options that take a value, so that their value is not counted as an argument.
  static func valueOptions(_ commands: [Command]) -> [String] {
    let options = commands.flatMap(\.allOptions).filter { $0.value != nil }
    return Array(Set(options.flatMap { ["--\($0.name)"] + ($0.short.map { ["-\($0)"] } ?? []) }))
      .sorted()
  }
}
