/// An incoming web hook of Slack, or of what takes its format; 40,000 characters at most, of which the first
/// 4,000 are shown well.
public struct SlackChannel: Sendable, Equatable {
  static let limitCharacters = 4_000

  public var url: String

  public init(url: String) { self.url = url }

  func request(_ message: AlertMessage) -> AlertRequest {
    let title = Self.escaped(MessageText.cut(MessageText.oneLine(message.title), bytes: 500))
    let head = "*\(title)*\n"
    let text = MessageText.lines(
      of: message, style: .plain, limit: Self.limitCharacters - head.count,
      cost: { Self.escaped($0).count })
    return .json(
      url, JSONMessage.object([("text", .text(head + Self.escaped(text)))]).bytes)
  }

  /// Slack's own three: all else is text.
  private static func escaped(_ text: String) -> String {
    var out = ""
    for character in text {
      switch character {
      case "&": out += "&amp;"
      case "<": out += "&lt;"
      case ">": out += "&gt;"
      default: out.append(character)
      }
    }
    return out
  }
}
