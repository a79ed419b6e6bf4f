/// `docs/reference/commands.md`, from the same table as the help.
enum ReferenceText {
  static func markdown(_ groups: [CommandTable.Group]) -> String {
    var lines = [
      "# Commands", "",
      "Made by `ballast help --markdown`; a test holds it to that.", "",
      "Data goes to standard output, messages to standard error. Colour is used on a terminal only, and",
      "not with `--no-color` or `NO_COLOR`. `-o json` prints a list as an array, `-o yaml` the same as YAML,",
      "`-o name` one name a line. Commands that ask a running Ballast find it by `--socket PATH`,",
      "`--admin URL`, or the environment variable `\(AdminEndpoint.variable)` (a URL or `unix:/path`); else at",
      "`\(AdminEndpoint.defaultURL)`.", "",
      "| exit status | meaning |", "|---|---|",
    ]
    lines += ExitStatus.allCases.map { "| \($0.rawValue) | \($0.meaning) |" }
    for group in groups {
      lines += ["", "## \(group.title)"]
      for command in group.commands where !command.hidden { lines += section(command) }
    }
    lines += ["", "## Options of every command", "", "| option | does |", "|---|---|"]
    lines += GlobalOptions.always.map(row)
    lines += [
      "", "## Options of commands that ask a running Ballast", "", "| option | does |", "|---|---|",
    ]
    lines += GlobalOptions.endpoint.map(row)
    return lines.joined(separator: "\n") + "\n"
  }

  private static func section(_ command: Command) -> [String] {
    var lines = ["", "### \(command.name)", "", sentence(command.summary)]
    if !command.discussion.isEmpty { lines.append(command.discussion) }
    lines += ["", "```", command.usage, "```"]
    if !command.arguments.isEmpty {
      lines += ["", "| argument | is |", "|---|---|"]
      lines += command.arguments.map { "| `\($0.name)` | \(escaped($0.summary)) |" }
    }
    let own =
      command.options + (command.formats.isEmpty ? [] : [GlobalOptions.output(command.formats)])
    if !own.isEmpty {
      lines += ["", "| option | does |", "|---|---|"]
      lines += own.map(row)
    }
    lines += ["", "```sh"]
    lines += command.examples.map { "\($0.line)   # \($0.does)" }
    lines.append("```")
    return lines
  }

  private static func row(_ option: Option) -> String {
    let spelling = option.spelling.drop { $0 == " " }
    return "| `\(spelling)` | \(escaped(option.summary)) |"
  }

  private static func escaped(_ text: String) -> String {
    text.split(separator: "|", omittingEmptySubsequences: false).joined(separator: "\\|")
  }

  private static func sentence(_ text: String) -> String {
    text.prefix(1).uppercased() + text.dropFirst() + "."
  }
}
