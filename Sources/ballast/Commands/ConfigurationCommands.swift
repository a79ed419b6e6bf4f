internal import Configuration
internal import Engine
internal import Glibc

/// `check` and `schema`: the configuration's file, without a running Ballast.
enum ConfigurationCommands {
  /// Looked for in this order when no file is named.
  static let usualFiles = ["ballast.yaml", "/etc/ballast/ballast.yaml"]

  static let fileArgument = Argument(
    name: "FILE",
    summary:
      "a YAML file or a folder of them (default ./\(usualFiles.joined(separator: ", then ")))",
    count: .optional, completion: .files)

  static let check = Command(
    name: "check", summary: "validates a configuration and shows every mistake in it",
    arguments: [fileArgument],
    examples: [
      Example("ballast check", "the file that `ballast run` would take"),
      Example("ballast check shop.yaml", "`FILE: ok`, or each mistake with its line"),
    ]
  ) { invocation throws(CommandFailure) in
    let path = try find(invocation.argument(0))
    let settings = try load(path, invocation)
    invocation.console.print("\(HumanText.printable(path)): ok (\(contents(settings)))")
    return .done
  }

  static let schema = Command(
    name: "schema", summary: "prints the JSON Schema of the configuration",
    discussion: "Editors that know YAML by a schema complete and check the file with it.",
    examples: [Example("ballast schema > ballast.schema.json", "for an editor")]
  ) { invocation throws(CommandFailure) in
    invocation.console.write(ConfigurationSchema.json())
    return .done
  }

  /// The file that was named, or the first usual one that is there.
  static func find(_ named: String?) throws(CommandFailure) -> String {
    if let named { return named }
    if let usual = usualFiles.first(where: { unsafe access($0, F_OK) == 0 }) { return usual }
    throw .failed(
      "no configuration: neither \(usualFiles.joined(separator: " nor ")) is there",
      details: ["name a file: `ballast check shop.yaml`"])
  }

  /// The settings of a valid file; its warnings, and all its errors, go to standard error.
  static func load(_ path: String, _ invocation: Invocation) throws(CommandFailure) -> Settings {
    let outcome: LoadOutcome
    do throws(ConfigurationFileError) {
      outcome = try ConfigurationFiles.load(path: path, environment: invocation.environment)
    } catch {
      throw .failed("\(error)")
    }
    let console = invocation.console
    for diagnostic in outcome.diagnostics {
      console.errorText(diagnostic.rendered(color: console.colorsMessages) + "\n")
    }
    switch outcome {
    case .loaded(let settings, _): return settings
    case .refused(let diagnostics):
      let errors = diagnostics.count { $0.severity == .error }
      throw .failed("\(path): \(count(errors, "error"))")
    }
  }

  /// `2 listeners, 3 services, 1 route`.
  static func contents(_ settings: Settings) -> String {
    let parts = [
      count(settings.listeners.count, "listener"), count(settings.services.count, "service"),
      count(settings.routes.count, "route"),
    ]
    return parts.joined(separator: ", ")
  }

  private static func count(_ number: Int, _ noun: String) -> String {
    "\(number) \(noun)\(number == 1 ? "" : "s")"
  }
}
