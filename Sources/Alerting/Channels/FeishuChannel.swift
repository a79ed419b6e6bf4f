import Primitives

/// A bot of a Feishu (Lark) group. Its `sign` has the seconds and the secret as the key and nothing as the
/// message; at most 20 KB a request.
public struct FeishuChannel: Sendable, Equatable {
  static let limitBytes = 20_000

  /// `https://open.feishu.cn/open-apis/bot/v2/hook/…`
  public var url: String
  public var secret: String?

  public init(url: String, secret: String?) {
    self.url = url
    self.secret = secret
  }

  static func sign(_ seconds: Int64, _ secret: String, _ digests: MessageDigests) -> String {
    Base64Text.encode(digests.hmacSHA256(Array("\(seconds)\n\(secret)".utf8), []))
  }

  func request(_ message: AlertMessage, _ digests: MessageDigests) -> AlertRequest {
    var members: [(String, JSONMessage)] = []
    if let secret {
      let seconds = message.at.milliseconds / 1_000
      members.append(("timestamp", .text("\(seconds)")))
      members.append(("sign", .text(Self.sign(seconds, secret, digests))))
    }
    members.append(("msg_type", .text("text")))
    let title = MessageText.cut(MessageText.oneLine(message.title), bytes: 500)
    func body(_ text: String) -> [UInt8] {
      JSONMessage.object(
        members + [("content", .object([("text", .text("\(title)\n\(text)"))]))]
      ).bytes
    }
    let text = MessageText.lines(
      of: message, style: .plain, limit: Self.limitBytes - body("").count,
      cost: JSONMessage.cost)
    return .json(url, body(text))
  }
}
