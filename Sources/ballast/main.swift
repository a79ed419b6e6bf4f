internal import Glibc

let status = Program.run(
  Array(CommandLine.arguments.dropFirst()), environment: Program.environment)
exit(status.rawValue)
