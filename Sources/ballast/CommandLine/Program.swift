internal import Glibc

/// Parses, runs, and turns what came of it into an exit status.
enum Program {
  static func run(_ words: [String], environment: [String: String]) -> ExitStatus {
    var console = Console.detect(environment: environment)
    let parser = CommandParser(commands: CommandTable.all, environment: environment)
    do throws(CommandFailure) {
      switch try parser.parse(words, console: console) {
      case .help(nil): console.print(HelpText.overview(CommandTable.groups))
      case .help(let command?): console.print(HelpText.command(command))
      case .group(let word):
        console.errorText(HelpText.group(word, CommandTable.all) + "\n")
        return .wrongUsage
      case .version:
        return try VersionCommand.command.run(
          Invocation(environment: environment, console: console))
      case .run(let command, var invocation):
        console = console.adjusted(by: invocation.values)
        invocation.console = console
        return try command.run(invocation)
      }
      return .done
    } catch {
      console.failure(error)
      return error.status
    }
  }

  /// The process's environment; the first of two entries of one name counts, as in getenv.
  static var environment: [String: String] {
    var result: [String: String] = [:]
    var entry = unsafe environ
    while let text = unsafe entry.pointee {
      let parts = unsafe String(cString: text).split(
        separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      if parts.count == 2, result[String(parts[0])] == nil {
        result[String(parts[0])] = String(parts[1])
      }
      unsafe entry += 1
    }
    return result
  }
}
