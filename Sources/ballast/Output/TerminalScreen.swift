internal import Glibc

/// The whole terminal, for as long as this lives: another screen, no cursor, keys as they are
/// pressed. What was there before is there again afterwards, also when a signal ends it.
final class TerminalScreen {
  enum Occurrence: Equatable {
    case keys([TerminalKey])
    /// The terminal has another size.
    case resized
    /// Somebody asks the program to end, or the terminal is gone.
    case ended
    case timeout
  }

  private let console: Console
  private var before = termios()
  private let signals = SignalPipe()

  /// - Returns: nil where standard input or output is no terminal.
  init?(_ console: Console) {
    guard console.outputIsTerminal, unsafe tcgetattr(STDIN_FILENO, &before) == 0 else { return nil }
    self.console = console
    var raw = before
    raw.c_lflag &= ~tcflag_t(ICANON | ECHO | ISIG)
    _ = unsafe tcsetattr(STDIN_FILENO, TCSANOW, &raw)
    console.write("\u{1b}[?1049h\u{1b}[?25l")
  }

  deinit {
    console.write("\u{1b}[?25h\u{1b}[?1049l")
    _ = unsafe tcsetattr(STDIN_FILENO, TCSANOW, &before)
  }

  /// Puts these lines in the place of all that is shown.
  func paint(_ lines: [String]) {
    let text = lines.map { "\($0)\u{1b}[K" }.joined(separator: "\n")
    console.write("\u{1b}[H\(text)\u{1b}[J")
  }

  /// Waits for something to happen.
  func wait(milliseconds: Int) -> Occurrence {
    var list = [
      pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0),
      pollfd(fd: signals.descriptor, events: Int16(POLLIN), revents: 0),
    ]
    let count = unsafe poll(&list, nfds_t(list.count), Int32(clamping: milliseconds))
    guard count > 0 else { return .timeout }
    if list[1].revents != 0 {
      return signals.take().allSatisfy { $0 == SIGWINCH } ? .resized : .ended
    }
    guard list[0].revents != 0 else { return .timeout }
    var bytes = [UInt8](repeating: 0, count: 256)
    let got = unsafe read(STDIN_FILENO, &bytes, bytes.count)
    return got > 0 ? .keys(TerminalKey.read(bytes.prefix(got))) : .ended
  }
}
