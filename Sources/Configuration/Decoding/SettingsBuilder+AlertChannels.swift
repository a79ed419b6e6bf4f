import Alerting
import Primitives

/// Channels. What may have a key in it is never repeated in a message.
extension SettingsBuilder {
  mutating func alertChannel(
    _ entry: DecodedEntry, _ object: DecodedObject
  ) -> AlertSettings.Channel? {
    let kinds = object.description.oneOf
    guard let kind = kinds.first(where: { object[$0] != nil }) else {
      if !kinds.contains(where: object.isIntended) {
        log.error(
          "the channel \(Quoted.value(entry.key)) is of no kind", at: entry.keyPlace,
          help: "write one of \(kinds.joined(separator: ", "))")
      }
      return nil
    }
    guard let written = object.object(kind), let channel = receiver(kind, written, object) else {
      return nil
    }
    var policy = ChannelPolicy(budget: AlertChannel.standardBudget(kind))
    policy.budget = object.integer("budget") ?? policy.budget
    policy.budgetPeriod = object.duration("budgetPeriod") ?? policy.budgetPeriod
    policy.fallback = object.text("fallback")
    policy.fallbackAfter = object.integer("fallbackAfter") ?? policy.fallbackAfter
    if let retry = object.object("retry") {
      policy.backoff = retry.duration("first") ?? policy.backoff
      policy.longestBackoff = max(
        retry.duration("longest") ?? policy.longestBackoff, policy.backoff)
    }
    return AlertSettings.Channel(
      name: entry.key, channel: channel, policy: policy, wording: wording(kind, object))
  }

  private mutating func wording(_ kind: String, _ object: DecodedObject) -> MessageWording {
    guard let written = object.object("template") else { return MessageWording() }
    let wording = MessageWording(
      title: written.text("title").flatMap { try? MessageTemplate($0, for: .title) },
      line: written.text("line").flatMap { try? MessageTemplate($0, for: .line) })
    if ["webhook", "alertmanager"].contains(kind), wording != MessageWording() {
      log.error(
        "'template' is not for the \(kind) channel",
        at: object.keyPlace("template") ?? object.place,
        help: "remove it; its messages have a fixed form")
    }
    return wording
  }

  private mutating func receiver(
    _ kind: String, _ object: DecodedObject, _ around: DecodedObject
  ) -> AlertChannel? {
    switch kind {
    case "email": return email(object).map { .email($0) }
    case "sms": return sms(object)
    case "pagerduty":
      guard let key = secret(object, "routingKey") else { return nil }
      return webAddress(object, standard: PagerDutyChannel.standardURL).map {
        .pagerduty(PagerDutyChannel(url: $0, routingKey: key))
      }
    default: break
    }
    guard let url = webAddress(object) else { return nil }
    switch kind {
    case "dingtalk":
      return .dingtalk(
        DingTalkChannel(
          url: url, secret: secret(object, "secret"), mention: object.texts("mention") ?? []))
    case "feishu": return .feishu(FeishuChannel(url: url, secret: secret(object, "secret")))
    case "wecom": return .wecom(WeComChannel(url: url))
    case "slack": return .slack(SlackChannel(url: url))
    case "webhook": return .webhook(WebhookChannel(url: url, token: secret(object, "token")))
    default:
      // Longer than any time between two messages about what still fires.
      return .alertmanager(
        AlertmanagerChannel(url: url, token: secret(object, "token"), validFor: .hours(24 * 366)))
    }
  }

  private mutating func email(_ object: DecodedObject) -> EmailChannel? {
    guard let server = object.text("server"), let from = object.text("from"),
      let to = object.texts("to")
    else { return nil }
    let parts = server.split(separator: ":")
    if parts.count < 2 || Int(parts.last ?? "").map({ !(1...65_535).contains($0) }) ?? true {
      log.error(
        "the mail server has no port", at: object["server"]?.place ?? object.place,
        help: "write it with one, such as 587 for STARTTLS: \"smtp.example.com:587\"")
    }
    for (key, addresses) in [("from", [from]), ("to", to)] {
      for address in addresses where !Self.isMailAddress(address) {
        log.error(
          "\(Quoted.value(address)) is no bare e-mail address",
          at: object[key]?.place ?? object.place, help: "write it as ops@example.com")
      }
    }
    let username = secret(object, "username")
    let password = secret(object, "password")
    if (username == nil) != (password == nil) {
      log.error(
        "'username' and 'password' belong together", at: object.place.headOnly,
        help: "write both, or none")
    }
    let security = object.choice("security", EmailChannel.Security.self) ?? .starttls
    if security == .none, password != nil {
      log.warning(
        "the password goes over the network in clear text",
        at: object["security"]?.place
          ?? object.place, help: "write 'security: starttls'")
    }
    return EmailChannel(
      server: server, from: from, to: to, username: username, password: password,
      security: security, authorities: object.text("ca").map(folder.absolute))
  }

  private mutating func sms(_ object: DecodedObject) -> AlertChannel? {
    if let written = object.object("twilio") {
      guard let account = secret(written, "account"), let token = secret(written, "token"),
        let from = written.text("from"), let to = written.texts("to"),
        let base = webAddress(written, standard: TwilioChannel.standardBase)
      else { return nil }
      return .twilio(
        TwilioChannel(base: base, account: account, token: token, from: from, to: to))
    }
    guard let written = object.object("aliyun") else {
      if !object.isIntended("twilio"), !object.isIntended("aliyun") {
        log.error(
          "the channel has no provider", at: object.place.headOnly,
          help: "write 'twilio: { … }' or 'aliyun: { … }'")
      }
      return nil
    }
    guard let key = secret(written, "accessKey"), let code = secret(written, "secret"),
      let signature = written.text("signature"), let template = written.text("template"),
      let to = written.texts("to"),
      let base = webAddress(written, standard: AliyunChannel.standardBase)
    else { return nil }
    return .aliyun(
      AliyunChannel(
        base: base, accessKey: key, secret: code, signature: signature, template: template,
        to: to))
  }

  private mutating func webAddress(
    _ object: DecodedObject, standard: String? = nil
  ) -> String? {
    guard let text = object.text("url") else { return object["url"] == nil ? standard : nil }
    let isWeb = text.hasPrefix("https://") || text.hasPrefix("http://")
    guard isWeb, text.utf8.count <= 2_048, text.utf8.allSatisfy({ (33...126).contains($0) }) else {
      log.error(
        "the channel's address is no URL of http or https",
        at: object["url"]?.place ?? object.place,
        help: "write the whole address, \"https://…\", percent-encoded")
      return nil
    }
    return text
  }

  private mutating func secret(_ object: DecodedObject, _ key: String) -> String? {
    guard let text = object.text(key) else { return nil }
    guard !text.isEmpty, text.utf8.count <= 4_096,
      text.utf8.allSatisfy({ $0 >= 32 && $0 != 127 })
    else {
      log.error(
        "'\(key)' is empty, too long, or has control characters",
        at: object[key]?.place ?? object.place,
        help: "look at the variable or the file that it comes from")
      return nil
    }
    return text
  }

  private static func isMailAddress(_ text: String) -> Bool {
    let parts = text.split(separator: "@", omittingEmptySubsequences: false)
    return parts.count == 2 && !parts[0].isEmpty && !parts[1].isEmpty
      && !text.utf8.contains { $0 <= 32 || $0 == 127 || "<>,;\"".utf8.contains($0) }
  }
}
