/// Turns words into a command and its invocation, or a usage error that names what was meant.
struct CommandParser {
  enum Result {
    case run(Command, Invocation)
    /// `--help`, or no command at all: nil is the whole program.
    case help(Command?)
    /// A word that only begins commands: `ballast config`.
    case group(String)
    case version
  }

  var commands: [Command]
  var environment: [String: String]

  func parse(_ words: [String], console: Console) throws(CommandFailure) -> Result {
    var rest = words[...]
    var invocation = Invocation(environment: environment, console: console)
    var command: Command?
    var group: String?
    var help = false

    while let word = rest.popFirst() {
      if word == "--" {
        guard command != nil else { throw .wrongUsage("'--' before the command") }
        invocation.arguments += rest
        break
      }
      if word.hasPrefix("-"), word != "-" {
        if command == nil, word == "--version" { return .version }
        try takeOption(word, &rest, of: command, into: &invocation)
        if invocation.has("help") { help = true }
      } else if command != nil {
        invocation.arguments.append(word)
      } else {
        (command, group) = try findCommand(word, &rest, group: group)
      }
    }

    if help { return .help(command) }
    guard let command else {
      if let group { return .group(group) }
      return .help(nil)
    }
    try checkArguments(command, invocation)
    return .run(command, invocation)
  }

  /// The command that begins with this word, or with this and the next.
  private func findCommand(
    _ word: String, _ rest: inout ArraySlice<String>, group: String?
  ) throws(CommandFailure) -> (Command?, String?) {
    if let group {
      if let command = commands.first(where: { $0.words == [group, word] }) {
        return (command, nil)
      }
      let choices = commands.filter { $0.words.first == group && !$0.hidden }.map(\.name)
      throw .wrongUsage(
        "unknown command '\(group) \(word)'",
        details: Suggestion.lines("\(group) \(word)", among: choices))
    }
    if let next = rest.first,
      let command = commands.first(where: { $0.words == [word, next] })
    {
      rest.removeFirst()
      return (command, nil)
    }
    if let command = commands.first(where: { $0.words == [word] }) { return (command, nil) }
    guard commands.contains(where: { $0.words.count > 1 && $0.words[0] == word }) else {
      let visible = Set(commands.filter { !$0.hidden }.map { $0.words[0] }).sorted()
      throw .wrongUsage(
        "unknown command '\(word)'",
        details: Suggestion.lines(word, among: visible) + ["`ballast help` lists the commands"])
    }
    return (nil, word)
  }

  private func takeOption(
    _ word: String, _ rest: inout ArraySlice<String>, of command: Command?,
    into invocation: inout Invocation
  ) throws(CommandFailure) {
    let options = command?.allOptions ?? GlobalOptions.all
    if word.hasPrefix("--") {
      let parts = word.dropFirst(2).split(
        separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let name = String(parts.first ?? "")
      guard let option = options.first(where: { $0.name == name }) else {
        throw unknownOption("--\(name)", among: options.map { "--\($0.name)" }, command)
      }
      try take(option, parts.count > 1 ? String(parts[1]) : nil, "--\(name)", &rest, &invocation)
      return
    }
    // -fn 100 and -n100: switches may share a dash, and a value may follow at once.
    var letters = word.dropFirst()
    while let letter = letters.popFirst() {
      guard let option = options.first(where: { $0.short == letter }) else {
        throw unknownOption("-\(letter)", among: options.map { "--\($0.name)" }, command)
      }
      if option.value != nil, !letters.isEmpty {
        try take(option, String(letters), "-\(letter)", &rest, &invocation)
        return
      }
      try take(option, nil, "-\(letter)", &rest, &invocation)
    }
  }

  private func take(
    _ option: Option, _ attached: String?, _ spelling: String, _ rest: inout ArraySlice<String>,
    _ invocation: inout Invocation
  ) throws(CommandFailure) {
    guard let placeholder = option.value else {
      guard attached == nil else { throw .wrongUsage("\(spelling) takes no value") }
      invocation.values[option.name] = ""
      return
    }
    guard let value = attached ?? rest.popFirst() else {
      throw .wrongUsage("\(spelling) needs a value: \(spelling) \(placeholder)")
    }
    guard option.choices.isEmpty || option.choices.contains(value) else {
      throw .wrongUsage(
        "\(spelling) is one of \(option.choices.joined(separator: ", ")), not '\(value)'",
        details: Suggestion.lines(value, among: option.choices))
    }
    invocation.values[option.name] = value
    invocation.lists[option.name, default: []].append(value)
  }

  private func unknownOption(
    _ spelling: String, among names: [String], _ command: Command?
  ) -> CommandFailure {
    let help = command.map { "`ballast help \($0.name)` lists the options" }
    return .wrongUsage(
      "unknown option '\(spelling)'",
      details: Suggestion.lines(spelling, among: names)
        + [help ?? "an option of a command comes after the command"])
  }

  private func checkArguments(
    _ command: Command, _ invocation: Invocation
  ) throws(CommandFailure) {
    let given = invocation.arguments.count
    let least = command.arguments.count { $0.count == .one }
    let unbounded = command.arguments.contains { $0.count == .any }
    if given < least {
      let missing = command.arguments.filter { $0.count == .one }[given]
      throw .wrongUsage(
        "\(missing.name) is missing: \(missing.summary)", details: ["usage: \(command.usage)"])
    }
    if !unbounded, given > command.arguments.count {
      throw .wrongUsage(
        "unexpected word '\(invocation.arguments[command.arguments.count])'",
        details: ["usage: \(command.usage)"])
    }
    if invocation.has("socket"), invocation.has("admin") {
      throw .wrongUsage("--socket and --admin exclude one another")
    }
  }
}
