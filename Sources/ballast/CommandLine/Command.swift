/// One command: what the parser, the help, the completion and the reference all read.
struct Command: Sendable {
  /// `get`, or `config set`.
  var name: String
  /// One line, for the list of commands.
  var summary: String
  /// More than the summary says, for its help.
  var discussion = ""
  var arguments: [Argument] = []
  var options: [Option] = []
  var examples: [Example]
  /// Left out of help and completion.
  var hidden = false
  /// The forms that `-o` can name; none means that there is no `-o`.
  var formats: [OutputFormat] = []
  /// Talks to a running Ballast.
  var remote = false
  var run: @Sendable (Invocation) throws(CommandFailure) -> ExitStatus

  var words: [String] { name.split(separator: " ").map(String.init) }

  /// Its own options, and those that its nature brings.
  var allOptions: [Option] {
    options + (formats.isEmpty ? [] : [GlobalOptions.output(formats)])
      + (remote ? GlobalOptions.endpoint : [])
      + GlobalOptions.always
  }

  /// `ballast get KIND [NAME...]`.
  var usage: String {
    (["ballast", name] + arguments.map(\.placeholder) + (options.isEmpty ? [] : ["[options]"]))
      .joined(separator: " ")
  }
}

struct Example: Sendable {
  var line: String
  var does: String

  init(_ line: String, _ does: String) {
    self.line = line
    self.does = does
  }
}

/// A word that isn't an option, by its place.
struct Argument: Sendable {
  enum Count: Sendable { case one, optional, any }

  /// `SERVICE`, upper case.
  var name: String
  var summary: String
  var count: Count = .one
  /// What the shell offers for it.
  var completion: Completion = .nothing

  var placeholder: String {
    switch count {
    case .one: name
    case .optional: "[\(name)]"
    case .any: "[\(name)...]"
    }
  }
}

/// Where the shell finds the words that fit an argument or an option's value.
enum Completion: Sendable, Equatable {
  case nothing
  case files
  case words([String])
  /// The names that `ballast get KIND -o name` prints.
  case names(of: Kind)
  /// The same, of the kind that is the argument before.
  case namesOfKindBefore
}
