internal import Glibc

/// Passwords and tokens, from files and from people. Never from an argument: others see those.
enum SecretInput {
  static let longest = 1_024

  /// - Parameter path: `-` is standard input.
  static func firstLine(of path: String, _ source: String) throws(CommandFailure) -> String {
    let text: String
    if path == "-" {
      text = readLine() ?? ""
    } else {
      guard let bytes = bytes(of: path, most: longest) else {
        throw .failed(
          "\(source): cannot read \(path), or it has more than \(longest) bytes")
      }
      let line = bytes.prefix { $0 != 10 && $0 != 13 }
      text = String(decoding: line, as: UTF8.self)
    }
    guard !text.isEmpty, text.utf8.count <= longest else {
      throw .failed("\(source): the first line of \(path) is empty or too long")
    }
    return text
  }

  /// Nil for one that can't be read, or has more.
  static func bytes(of path: String, most: Int) -> [UInt8]? {
    guard let file = unsafe fopen(path, "re") else { return nil }
    defer { unsafe fclose(file) }
    var bytes = [UInt8](repeating: 0, count: most + 1)
    let count = unsafe fread(&bytes, 1, bytes.count, file)
    guard count <= most, unsafe ferror(file) == 0 else { return nil }
    return Array(bytes.prefix(count))
  }

  /// What `--password-file` names, or what somebody types, which is not shown.
  /// - Parameter isNew: asks twice.
  static func password(
    _ invocation: Invocation, _ prompt: String, option: String = "password-file",
    isNew: Bool = false
  ) throws(CommandFailure) -> String {
    if let path = invocation.values[option] { return try firstLine(of: path, "--\(option)") }
    guard isatty(STDIN_FILENO) == 1, invocation.console.messagesAreTerminal else {
      throw .wrongUsage("without a terminal the password comes from --\(option) FILE (or -)")
    }
    let password = try ask(invocation, prompt)
    if isNew, try ask(invocation, "the same again: ") != password {
      throw .failed("the two are not the same")
    }
    return password
  }

  private static func ask(
    _ invocation: Invocation, _ prompt: String
  ) throws(CommandFailure) -> String {
    var shown = termios()
    guard unsafe tcgetattr(STDIN_FILENO, &shown) == 0 else {
      throw .failed("the terminal cannot be told to hide what is typed")
    }
    var hidden = shown
    hidden.c_lflag &= ~tcflag_t(ECHO)
    // Not `progress`: a question is asked also with -q.
    invocation.console.errorText(prompt)
    guard unsafe tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden) == 0 else {
      throw .failed("the terminal cannot be told to hide what is typed")
    }
    let line = readLine()
    unsafe tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown)
    invocation.console.errorText("\n")
    guard let line, !line.isEmpty, line.utf8.count <= longest else {
      throw .failed("nothing was typed")
    }
    return line
  }
}
