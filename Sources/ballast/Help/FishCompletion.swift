/// The script that `ballast completion fish` prints.
enum FishCompletion {
  static func script(_ commands: [Command]) -> String {
    var lines = [
      "# fish completion of ballast: ballast completion fish | source",
      "complete -c ballast -f",
    ]
    for word in CompletionWords.firstWords(commands) {
      let summary = commands.first { $0.name == word }?.summary ?? "commands of \(word)"
      lines.append(
        "complete -c ballast -n __fish_use_subcommand -a \(word) -d \(quoted(summary))")
      let second = CompletionWords.secondWords(word, commands)
      for member in commands where member.words.count > 1 && member.words[0] == word {
        let condition =
          "__fish_seen_subcommand_from \(word); and not __fish_seen_subcommand_from \(second.joined(separator: " "))"
        lines.append(
          "complete -c ballast -n \(quoted(condition)) -a \(member.words[1]) -d \(quoted(member.summary))"
        )
      }
    }
    for command in commands { lines += self.command(command) }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func command(_ command: Command) -> [String] {
    let condition = command.words.map { "__fish_seen_subcommand_from \($0)" }
      .joined(separator: "; and ")
    let lead = "complete -c ballast -n \(quoted(condition))"
    var lines = command.allOptions.map { option in
      var line = "\(lead) -l \(option.name)"
      if let short = option.short { line += " -s \(short)" }
      let source = source(option.completion)
      if let source { line += " -x -a \(quoted("(\(source))"))" }
      if option.completion == .files { line += " -r -F" }
      if option.value != nil, source == nil, option.completion != .files { line += " -x" }
      return line + " -d \(quoted(option.summary))"
    }
    for (place, argument) in command.arguments.enumerated() {
      let comparison = argument.count == .any ? "-ge" : "-eq"
      let count = command.words.count + place + 1
      let here = "\(condition); and test (__fish_number_of_cmd_args_wo_opts) \(comparison) \(count)"
      let lead = "complete -c ballast -n \(quoted(here))"
      if argument.completion == .files {
        lines.append("\(lead) -F")
      } else if let source = source(argument.completion) {
        lines.append("\(lead) -a \(quoted("(\(source))"))")
      }
    }
    return lines
  }

  private static func source(_ completion: Completion) -> String? {
    CompletionWords.source(completion, kindBefore: "(commandline -opc)[3]")
  }

  private static func quoted(_ text: String) -> String {
    var result = "'"
    for character in text {
      result += character == "'" || character == "\\" ? "\\\(character)" : "\(character)"
    }
    return result + "'"
  }
}
