/// How far something is: on a terminal one line that changes, elsewhere a line for each change.
struct ProgressLine {
  private let console: Console
  private var shown = ""

  init(_ console: Console) { self.console = console }

  /// - Parameter bar: stands before the text on a terminal.
  mutating func show(_ text: String, bar: String? = nil) {
    guard text != shown else { return }
    shown = text
    guard console.messagesAreTerminal else { return console.progress(text + "\n") }
    console.progress("\r\(bar.map { "\($0) " } ?? "")\(text)\u{1b}[K")
  }

  /// What comes next takes the line's place.
  mutating func end() {
    defer { shown = "" }
    guard console.messagesAreTerminal, !shown.isEmpty else { return }
    console.progress("\r\u{1b}[K")
  }

  /// `[#####-----]`.
  static func bar(_ part: Int, of whole: Int) -> String {
    let length = 20
    let filled = whole > 0 ? min(max(part, 0), whole) * length / whole : length
    let (done, left) = (String(repeating: "#", count: filled), length - filled)
    return "[" + done + String(repeating: "-", count: left) + "]"
  }
}
