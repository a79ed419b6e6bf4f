/// Text messages by Twilio, one a recipient; short, since each 70 characters cost.
public struct TwilioChannel: Sendable, Equatable {
  static let limitBytes = 640

  /// `https://api.twilio.com`
  public var base: String
  public var account: String
  public var token: String
  public var from: String
  public var to: [String]

  public static let standardBase = "https://api.twilio.com"

  public init(
    base: String = standardBase, account: String, token: String, from: String, to: [String]
  ) {
    self.base = base
    self.account = account
    self.token = token
    self.from = from
    self.to = to
  }

  func requests(_ message: AlertMessage) -> [AlertRequest] {
    let title = MessageText.cut(MessageText.oneLine(message.title), bytes: 200)
    let text = MessageText.lines(
      of: message, style: .plain, limit: Self.limitBytes - title.utf8.count - 1)
    let login = Base64Text.encode("\(account):\(token)".utf8)
    return to.map { number in
      .form(
        "\(base)/2010-04-01/Accounts/\(PercentText.encode(account))/Messages.json",
        [("From", from), ("To", number), ("Body", "\(title)\n\(text)")],
        headers: [.init(name: "Authorization", value: "Basic \(login)")])
    }
  }
}
