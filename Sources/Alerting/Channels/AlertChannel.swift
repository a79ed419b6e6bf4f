import Primitives

/// Where messages go, and in which form.
public enum AlertChannel: Sendable, Equatable {
  case dingtalk(DingTalkChannel)
  case feishu(FeishuChannel)
  case wecom(WeComChannel)
  case slack(SlackChannel)
  case pagerduty(PagerDutyChannel)
  case twilio(TwilioChannel)
  case aliyun(AliyunChannel)
  case webhook(WebhookChannel)
  case alertmanager(AlertmanagerChannel)
  case email(EmailChannel)

  /// As in the configuration.
  public var kind: String {
    switch self {
    case .dingtalk: "dingtalk"
    case .feishu: "feishu"
    case .wecom: "wecom"
    case .slack: "slack"
    case .pagerduty: "pagerduty"
    case .twilio, .aliyun: "sms"
    case .webhook: "webhook"
    case .alertmanager: "alertmanager"
    case .email: "email"
    }
  }

  /// Messages a minute when the configuration says nothing: what the services behind them take.
  public static func standardBudget(_ kind: String) -> Int {
    switch kind {
    case "dingtalk", "feishu", "wecom": 20
    case "sms": 5
    case "email": 10
    default: 60
    }
  }

  /// Several for a channel that takes one group, or one recipient, at a time; a delivery has succeeded
  /// when all of them have.
  /// - Parameter nonce: new for each delivery.
  public func requests(
    _ message: AlertMessage, nonce: String, digests: MessageDigests
  ) -> [AlertRequest] {
    switch self {
    case .dingtalk(let channel): [channel.request(message, digests)]
    case .feishu(let channel): [channel.request(message, digests)]
    case .wecom(let channel): [channel.request(message)]
    case .slack(let channel): [channel.request(message)]
    case .pagerduty(let channel): channel.requests(message)
    case .twilio(let channel): channel.requests(message)
    case .aliyun(let channel): [channel.request(message, nonce: nonce, digests)]
    case .webhook(let channel): [channel.request(message)]
    case .alertmanager(let channel): [channel.request(message)]
    case .email(let channel): [channel.request(message, nonce: nonce)]
    }
  }

  /// What an answer means; some services say in the body that they refused.
  /// - Parameter retryAfter: the header field of that name (RFC 9110, section 10.2.3); seconds are taken, at
  ///   most an hour of them.
  public func verdict(
    status: Int, body: [UInt8], retryAfter: String? = nil
  ) -> AlertVerdict {
    guard (200...299).contains(status) else {
      let text = MessageText.oneLine(String(decoding: body.prefix(200), as: UTF8.self))
      return .failed(
        reason: "it answered \(status)" + (text.isEmpty ? "" : ": \(text)"),
        retryAfter: retryAfter.flatMap { Int64($0) }.map { .seconds(min(max(0, $0), 3_600)) })
    }
    switch self {
    case .dingtalk, .wecom: return AnswerCode.judge(body, key: "errcode", good: "0")
    case .feishu:
      let verdict = AnswerCode.judge(body, key: "code", good: "0")
      return verdict == .delivered
        ? verdict : AnswerCode.judge(body, key: "StatusCode", good: "0", else: verdict)
    case .aliyun: return AnswerCode.judge(body, key: "Code", good: "OK")
    default: return .delivered
    }
  }
}

/// Finds one member of a flat JSON answer. The answers of these services are short and flat; anything else
/// counts as a refusal, which is told and tried again.
enum AnswerCode {
  static let limit = 4_096

  static func judge(
    _ body: [UInt8], key: String, good: String, else other: AlertVerdict? = nil
  ) -> AlertVerdict {
    if value(of: key, in: body) == good { return .delivered }
    let text = MessageText.oneLine(String(decoding: body.prefix(200), as: UTF8.self))
    return other ?? .failed(reason: "it refused: \(text)")
  }

  static func value(of key: String, in body: [UInt8]) -> String? {
    let text = String(decoding: body.prefix(limit), as: UTF8.self)
    let parts = text.split(separator: "\"", omittingEmptySubsequences: false)
    guard let place = parts.firstIndex(where: { $0 == key }), place + 1 < parts.count else {
      return nil
    }
    let after = parts[place + 1].filter { !$0.isWhitespace }
    guard after.hasPrefix(":") else { return nil }
    let number = after.dropFirst().prefix { $0.isNumber || $0 == "-" }
    if !number.isEmpty { return String(number) }
    return place + 2 < parts.count ? String(parts[place + 2]) : nil
  }
}
