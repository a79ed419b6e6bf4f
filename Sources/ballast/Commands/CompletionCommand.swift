/// `completion`.
enum CompletionCommand {
  static let shells = ["bash", "zsh", "fish"]

  static let command = Command(
    name: "completion", summary: "prints the completion script of a shell",
    arguments: [
      Argument(
        name: "SHELL", summary: "one of \(shells.joined(separator: ", "))",
        completion: .words(shells))
    ],
    examples: [
      Example("source <(ballast completion bash)", "in ~/.bashrc"),
      Example("source <(ballast completion zsh)", "in ~/.zshrc, after compinit"),
      Example("ballast completion fish | source", "in ~/.config/fish/config.fish"),
    ]
  ) { invocation throws(CommandFailure) in
    let shell = try invocation.required(0)
    switch shell {
    case "bash": invocation.console.write(BashCompletion.script(CommandTable.visible))
    case "zsh": invocation.console.write(ZshCompletion.script(CommandTable.visible))
    case "fish": invocation.console.write(FishCompletion.script(CommandTable.visible))
    default:
      throw .wrongUsage(
        "unknown shell '\(shell)'; there are \(shells.joined(separator: ", "))",
        details: Suggestion.lines(shell, among: shells))
    }
    return .done
  }
}
