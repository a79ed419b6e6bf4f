/// A robot of a WeCom group; its markdown has at most 4,096 bytes.
public struct WeComChannel: Sendable, Equatable {
  static let limitBytes = 4_096

  /// `https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=…`
  public var url: String

  public init(url: String) { self.url = url }

  func request(_ message: AlertMessage) -> AlertRequest {
    let title = MessageText.cut(MessageText.oneLine(message.title), bytes: 500)
    let head = "### \(title)\n"
    let text = MessageText.lines(
      of: message, style: .plain, limit: Self.limitBytes - head.utf8.count)
    return .json(
      url,
      JSONMessage.object([
        ("msgtype", .text("markdown")),
        ("markdown", .object([("content", .text(head + text))])),
      ]).bytes)
  }
}
