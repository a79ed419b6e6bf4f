/// `help`.
enum HelpCommand {
  static let command = Command(
    name: "help", summary: "shows the commands, or one of them",
    arguments: [Argument(name: "COMMAND", summary: "its name", count: .any)],
    options: [Option("markdown", "prints the reference of all commands")],
    examples: [
      Example("ballast help get", "the options and examples of get"),
      Example("ballast help config", "the commands of config"),
    ],
    run: run)

  private static func run(_ invocation: Invocation) throws(CommandFailure) -> ExitStatus {
    let console = invocation.console
    if invocation.has("markdown") {
      console.write(ReferenceText.markdown(CommandTable.groups))
      return .done
    }
    guard !invocation.arguments.isEmpty else {
      console.print(HelpText.overview(CommandTable.groups))
      return .done
    }
    let name = invocation.arguments.joined(separator: " ")
    let commands = CommandTable.all
    if let command = commands.first(where: { $0.name == name }) {
      console.print(HelpText.command(command))
    } else if commands.contains(where: { $0.words.count > 1 && $0.words[0] == name }) {
      console.print(HelpText.group(name, commands))
    } else {
      throw .wrongUsage(
        "unknown command '\(name)'",
        details: Suggestion.lines(name, among: CommandTable.visible.map(\.name)))
    }
    return .done
  }
}
