/// The script that `ballast completion bash` prints.
enum BashCompletion {
  static func script(_ commands: [Command]) -> String {
    var lines = [
      "# bash completion of ballast: source <(ballast completion bash)",
      "_ballast() {",
      "  local current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}",
      "  local words=() skip=0 word index",
      "  for ((index = 1; index < COMP_CWORD; index++)); do",
      "    word=${COMP_WORDS[index]}",
      "    if ((skip)); then skip=0; continue; fi",
      "    case $word in",
      "      \(CompletionWords.valueOptions(commands).joined(separator: "|"))) skip=1 ;;",
      "      -*) ;;",
      "      *) words+=(\"$word\") ;;",
      "    esac",
      "  done",
      "  local command=${words[0]} place=$((${#words[@]} - 1))",
      "  case \"${words[0]} ${words[1]}\" in",
    ]
    for command in commands where command.words.count == 2 {
      lines.append("    \"\(command.name)\") command=\"\(command.name)\"; place=$((place - 1)) ;;")
    }
    lines += [
      "  esac", "  local kind= found= files=0",
      "  ((${#words[@]})) && kind=${words[${#words[@]}-1]}",
      "  case \"$command:$before\" in",
    ]
    for command in commands { lines += valueCases(command) }
    lines += ["    *)", "      case \"$command:$place\" in"]
    lines.append(
      "        :*) found='\(CompletionWords.firstWords(commands).joined(separator: " "))' ;;")
    for command in commands { lines += argumentCases(command, commands) }
    lines += ["      esac", "      if [[ $current == -* ]]; then", "        case $command in"]
    for command in commands {
      let options = CompletionWords.optionWords(command).joined(separator: " ")
      lines.append("          \"\(command.name)\") found='\(options)' ;;")
    }
    lines += [
      "        esac", "      fi ;;", "  esac",
      "  if ((files)); then",
      "    compopt -o filenames 2>/dev/null",
      "    COMPREPLY=($(compgen -f -- \"$current\"))",
      "  else", "    COMPREPLY=($(compgen -W \"$found\" -- \"$current\"))", "  fi", "}",
      "complete -F _ballast ballast", "",
    ]
    return lines.joined(separator: "\n")
  }

  private static func valueCases(_ command: Command) -> [String] {
    command.allOptions.filter { $0.value != nil }.map { option in
      let spellings = ["--\(option.name)"] + (option.short.map { ["-\($0)"] } ?? [])
      let pattern = spellings.map { "\"\(command.name):\($0)\"" }.joined(separator: "|")
      return "    \(pattern)) \(assignment(option.completion)) ;;"
    }
  }

  private static func argumentCases(_ command: Command, _ commands: [Command]) -> [String] {
    var lines: [String] = []
    for (place, argument) in command.arguments.enumerated() {
      let mark = argument.count == .any ? "*" : "\(place)"
      var action = assignment(argument.completion)
      let second = CompletionWords.secondWords(command.name, commands)
      if place == 0, !second.isEmpty {
        action += "; found=\"\(second.joined(separator: " ")) $found\""
      }
      lines.append("        \"\(command.name):\"\(mark)) \(action) ;;")
    }
    return lines + groupCase(command, commands)
  }

  /// `config` alone is no command: its second words, once.
  private static func groupCase(_ command: Command, _ commands: [Command]) -> [String] {
    let word = command.words[0]
    guard command.words.count > 1, !commands.contains(where: { $0.name == word }),
      commands.first(where: { $0.words[0] == word })?.name == command.name
    else { return [] }
    let second = CompletionWords.secondWords(word, commands).joined(separator: " ")
    return ["        \"\(word):\"0) found='\(second)' ;;"]
  }

  private static func assignment(_ completion: Completion) -> String {
    if completion == .files { return "files=1" }
    guard let source = CompletionWords.source(completion, kindBefore: "\"$kind\"") else {
      return "found="
    }
    return "found=$(\(source))"
  }
}
