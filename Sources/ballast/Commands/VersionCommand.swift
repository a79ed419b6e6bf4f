internal import AdminAPI

/// `version`.
enum VersionCommand {
  static let command = Command(
    name: "version", summary: "prints the version of this program",
    examples: [Example("ballast version", "ballast \(BallastVersion.current)")],
    formats: OutputFormat.single
  ) { invocation throws(CommandFailure) in
    let version = BallastVersion.current
    if !invocation.printData(.object([.init("version", .string(version))])) {
      invocation.console.print("ballast \(version)")
    }
    return .done
  }
}
