internal import Glibc

/// Data to standard output, messages to standard error.
struct Console: Sendable {
  /// Messages are left out.
  var quiet = false
  /// By stream, since only one of them may be a terminal.
  var colorsOutput = false
  var colorsMessages = false
  var outputIsTerminal = false
  var messagesAreTerminal = false

  /// Colour only on a terminal, and not when `NO_COLOR` is set to anything (no-color.org) or the terminal is dumb.
  static func detect(environment: [String: String]) -> Console {
    var console = Console()
    console.outputIsTerminal = isatty(STDOUT_FILENO) == 1
    console.messagesAreTerminal = isatty(STDERR_FILENO) == 1
    let wanted = environment["NO_COLOR", default: ""].isEmpty && environment["TERM"] != "dumb"
    console.colorsOutput = wanted && console.outputIsTerminal
    console.colorsMessages = wanted && console.messagesAreTerminal
    return console
  }

  /// As the options `-q` and `--no-color` say.
  func adjusted(by values: [String: String]) -> Console {
    var console = self
    if values["quiet"] != nil { console.quiet = true }
    if values["no-color"] != nil {
      console.colorsOutput = false
      console.colorsMessages = false
    }
    return console
  }

  /// Data, with a line end after it.
  func print(_ text: String) { write(text + "\n") }

  /// Data as it is.
  func write(_ text: String) { Self.write(text, to: STDOUT_FILENO) }

  /// For people; `-q` leaves it out.
  func message(_ text: String) {
    guard !quiet else { return }
    Self.write(text + "\n", to: STDERR_FILENO)
  }

  /// For people, as it is; `-q` leaves it out.
  func progress(_ text: String) {
    guard !quiet else { return }
    Self.write(text, to: STDERR_FILENO)
  }

  /// What `-q` does not silence.
  func failure(_ failure: CommandFailure) {
    let word = Tone.bad.paint("error:", colorsMessages)
    let lines = ["\(word) \(failure.message)"] + failure.details.map { "  \($0)" }
    Self.write(lines.joined(separator: "\n") + "\n", to: STDERR_FILENO)
  }

  /// Diagnostics and logs that belong to an error, as they are.
  func errorText(_ text: String) { Self.write(text, to: STDERR_FILENO) }

  /// Columns of the terminal at standard output; nil when it is none.
  var width: Int? { size.map { Int($0.ws_col) }.flatMap { $0 > 0 ? $0 : nil } }

  /// Lines of it.
  var height: Int? { size.map { Int($0.ws_row) }.flatMap { $0 > 0 ? $0 : nil } }

  private var size: winsize? {
    guard outputIsTerminal else { return nil }
    var size = winsize()
    return unsafe ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0 ? size : nil
  }

  private static func write(_ text: String, to descriptor: Int32) {
    let bytes = Array(text.utf8)
    var done = 0
    while done < bytes.count {
      let count = unsafe bytes[done...].withUnsafeBytes { rest in
        unsafe Glibc.write(descriptor, rest.baseAddress, rest.count)
      }
      if count >= 0 {
        done += count
      } else if errno != EINTR {
        // Nobody can be told more: a full disk, or a closed descriptor.
        if descriptor == STDOUT_FILENO {
          write("error: cannot write to standard output\n", to: STDERR_FILENO)
          exit(ExitStatus.failed.rawValue)
        }
        return
      }
    }
  }
}
