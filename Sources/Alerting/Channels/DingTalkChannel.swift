import Primitives

/// A robot of a DingTalk group. Its `sign` is made of the milliseconds and the secret; at most 20,000 bytes a
/// message.
public struct DingTalkChannel: Sendable, Equatable {
  static let limitBytes = 20_000

  /// `https://oapi.dingtalk.com/robot/send?access_token=…`
  public var url: String
  public var secret: String?
  /// Telephone numbers that are mentioned.
  public var mention: [String]

  public init(url: String, secret: String?, mention: [String] = []) {
    self.url = url
    self.secret = secret
    self.mention = mention
  }

  static func sign(_ milliseconds: Int64, _ secret: String, _ digests: MessageDigests) -> String {
    let code = digests.hmacSHA256(
      Array(secret.utf8), Array("\(milliseconds)\n\(secret)".utf8))
    return PercentText.encode(Base64Text.encode(code))
  }

  func request(_ message: AlertMessage, _ digests: MessageDigests) -> AlertRequest {
    var address = url
    if let secret {
      let time = message.at.milliseconds
      address += url.contains("?") ? "&" : "?"
      address += "timestamp=\(time)&sign=\(Self.sign(time, secret, digests))"
    }
    let title = MessageText.cut(MessageText.oneLine(message.title), bytes: 500)
    let mentions = mention.map { "@\($0)" }.joined(separator: " ")
    // Whom the text does not name is not mentioned.
    let head = "#### \(title)\n\n" + (mentions.isEmpty ? "" : "\(mentions)\n\n")
    func body(_ text: String) -> [UInt8] {
      JSONMessage.object([
        ("msgtype", .text("markdown")),
        ("markdown", .object([("title", .text(title)), ("text", .text(head + text))])),
        (
          "at",
          .object([
            ("atMobiles", .array(mention.map { .text($0) })), ("isAtAll", .boolean(false)),
          ])
        ),
      ]).bytes
    }
    let text = MessageText.lines(
      of: message, style: .markdown, limit: Self.limitBytes - body("").count,
      cost: JSONMessage.cost)
    return .json(address, body(text))
  }
}
