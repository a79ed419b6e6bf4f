/// What a word says about health, and so its colour.
enum Tone: Sendable, Equatable {
  case plain, good, warning, bad, faint, strong

  private var code: String {
    switch self {
    case .plain: ""
    case .good: "32"
    case .warning: "33"
    case .bad: "31"
    case .faint: "2"
    case .strong: "1"
    }
  }

  func paint(_ text: String, _ colors: Bool) -> String {
    colors && self != .plain && !text.isEmpty ? "\u{1b}[\(code)m\(text)\u{1b}[0m" : text
  }
}
