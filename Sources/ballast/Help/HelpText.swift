/// What `ballast`, `ballast help COMMAND` and `--help` print.
enum HelpText {
  private static let firstExamples = [
    Example("ballast run shop.yaml", "runs what the file says, in the foreground"),
    Example("ballast get services", "shows how the services are"),
    Example("ballast logs shop -f", "follows what a service prints"),
    Example("ballast drain shop/shop-1", "takes a server out gently"),
  ]

  /// Examples first, then one line a command.
  static func overview(_ groups: [CommandTable.Group]) -> String {
    var lines = ["Ballast keeps services up and their load even.", "", "Examples"]
    lines += rows(firstExamples.map { ($0.line, $0.does) })
    let all = groups.map { $0.commands.filter { !$0.hidden } }
    let widest = all.joined().reduce(0) { max($0, $1.name.count) }
    for (group, commands) in zip(groups, all) {
      lines += ["", group.title]
      lines += rows(commands.map { ($0.name, $0.summary) }, least: widest)
    }
    lines += ["", "`ballast help COMMAND` shows a command's options and examples."]
    return lines.joined(separator: "\n")
  }

  static func command(_ command: Command) -> String {
    var lines = ["\(command.name): \(command.summary)"]
    if !command.discussion.isEmpty { lines.append(command.discussion) }
    lines += ["", "Usage", "  \(command.usage)", "", "Examples"]
    lines += rows(command.examples.map { ($0.line, $0.does) })
    if !command.arguments.isEmpty {
      lines += ["", "Arguments"]
      lines += rows(command.arguments.map { ($0.name, $0.summary) })
    }
    lines += ["", "Options"]
    lines += rows(command.allOptions.map { ($0.spelling, $0.summary) })
    return lines.joined(separator: "\n")
  }

  /// The commands that begin with a word: `config`.
  static func group(_ word: String, _ commands: [Command]) -> String {
    let members = commands.filter { $0.words.first == word && !$0.hidden }
    let usages = members.map { ($0.usage, $0.summary) }
    return (["Commands of \(word)"] + rows(usages)).joined(separator: "\n")
  }

  private static func rows(_ rows: [(String, String)], least: Int = 0) -> [String] {
    let widest = rows.reduce(least) { max($0, $1.0.count) }
    return rows.map { left, right in
      "  " + left + String(repeating: " ", count: widest - left.count + 3) + right
    }
  }
}
