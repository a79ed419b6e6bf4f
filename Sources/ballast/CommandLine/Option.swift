/// `--long`, `-s`, with a value or without.
struct Option: Sendable {
  /// Without its dashes.
  var name: String
  var short: Character?
  /// `PATH`; nil for a switch.
  var value: String?
  var summary: String
  /// The only values that it takes, when they are few.
  var choices: [String] = []
  var completion: Completion = .nothing

  init(
    _ name: String, short: Character? = nil, value: String? = nil, _ summary: String,
    choices: [String] = [], completion: Completion = .nothing
  ) {
    self.name = name
    self.short = short
    self.value = value
    self.summary = summary
    self.choices = choices
    self.completion = choices.isEmpty ? completion : .words(choices)
  }

  /// `-o, --output FORMAT`.
  var spelling: String {
    (short.map { "-\($0), " } ?? "    ") + "--\(name)" + (value.map { " \($0)" } ?? "")
  }
}

/// The options that many commands share.
enum GlobalOptions {
  static func output(_ formats: [OutputFormat]) -> Option {
    let names = formats.map(\.rawValue)
    return Option(
      "output", short: "o", value: "FORMAT", "how to print: \(names.joined(separator: ", "))",
      choices: names)
  }

  static let endpoint = [
    Option("socket", value: "PATH", "the unix socket of the running Ballast", completion: .files),
    Option(
      "admin", value: "URL",
      "the admin address of the running Ballast (default \(AdminEndpoint.defaultURL), or $\(AdminEndpoint.variable))"
    ),
    Option(
      "token-file", value: "FILE",
      "a file with the token to show (or $\(AdminTokens.variable) with the token itself; default: what `login` kept)",
      completion: .files),
    Option(
      "ca", value: "FILE",
      "certificates (PEM) to trust at an https address, in place of the system's (or $\(AdminEndpoint.authoritiesVariable))",
      completion: .files),
  ]
  static let always = [
    Option("quiet", short: "q", "no messages, only data and errors"),
    Option("no-color", "no colour, as with NO_COLOR set"),
    Option("help", short: "h", "this help"),
  ]
  static var all: [Option] { [output(OutputFormat.list)] + endpoint + always }
}

/// `-o`.
enum OutputFormat: String, CaseIterable, Sendable {
  case table, wide, json, yaml, name

  /// Of a command that prints a list.
  static let list = allCases
  /// Of a command that prints one thing.
  static let single: [OutputFormat] = [.table, .json, .yaml]
}
