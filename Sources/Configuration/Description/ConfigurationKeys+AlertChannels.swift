import Alerting
import Primitives

extension ConfigurationKeys {
  static let alertChannel = ObjectDescription(
    "a channel", "One kind of receiver, and how it may be used.",
    keys: [
      channel(
        "email", "E-mail, over SMTP.", email,
        "{ server: \"smtp.example.com:587\", from: a@example.com, to: b@example.com }"),
      channel(
        "dingtalk", "A robot of a DingTalk group.",
        [
          url("https://oapi.dingtalk.com/robot/send?access_token=T"), signingSecret,
          KeyDescription(
            "mention", .list(.text(.label), count: 0...50), standard: "[]",
            example: "[ \"13800000000\" ]", "Telephone numbers that are mentioned."),
        ], "{ url: \"https://oapi.dingtalk.com/robot/send?access_token=T\", secret: SEC }"),
      channel(
        "feishu", "A bot of a Feishu (Lark) group.",
        [url("https://open.feishu.cn/open-apis/bot/v2/hook/T"), signingSecret],
        "{ url: \"https://open.feishu.cn/open-apis/bot/v2/hook/T\", secret: SEC }"),
      channel(
        "wecom", "A robot of a WeCom group.",
        [url("https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=K")],
        "{ url: \"https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=K\" }"),
      channel(
        "slack", "An incoming web hook of Slack.", [url("https://hooks.slack.com/services/T")],
        "{ url: \"https://hooks.slack.com/services/T\" }"),
      channel(
        "pagerduty", "PagerDuty's Events API, version 2.",
        [
          KeyDescription(
            "routingKey", .text(.free), required: true, example: "K", "Of the integration."),
          base(
            "url", PagerDutyChannel.standardURL, "\"http://127.0.0.1:8080/v2/enqueue\""),
        ], "{ routingKey: K }"),
      channel(
        "sms", "Text messages, by Twilio or by Aliyun.", sms,
        "{ twilio: { account: AC1, token: T, from: \"+15550100\", to: \"+15550199\" } }",
        oneOf: ["twilio", "aliyun"]),
      channel(
        "webhook", "Any program that takes Alertmanager's web hooks (JSON, version 4).",
        [url("https://hooks.example.com/ballast"), bearerToken],
        "{ url: \"https://hooks.example.com/ballast\" }"),
      channel(
        "alertmanager", "Prometheus' Alertmanager.", [url("http://127.0.0.1:9093"), bearerToken],
        "{ url: \"http://127.0.0.1:9093\" }"),
      KeyDescription(
        "budget", .integer(1...10_000), example: "10",
        """
        Messages within `budgetPeriod`; the last of them tells of all that is left. By kind when \
        absent: 20 for `dingtalk`, `feishu` and `wecom`, 10 for `email`, 5 for `sms`, else 60.
        """),
      KeyDescription(
        "budgetPeriod", .duration(.seconds(1)...TimeSpan.hours(24)), standard: "1m",
        example: "10m", "The time that the budget is said for."),
      KeyDescription(
        "fallback", .text(.name), example: "mail",
        "The channel that is told as well while this one fails."),
      KeyDescription(
        "fallbackAfter", .integer(1...100), standard: "3", example: "1",
        "Failures in a row from which on the fallback is told."),
      KeyDescription(
        "retry", .object(channelRetry), standard: "{}", example: "{ first: 5s, longest: 5m }",
        "When a message that failed is tried again; it is never given up."),
      KeyDescription(
        "template", .object(channelTemplate), standard: "{}",
        example: "{ line: \"${name}: ${summary}\" }",
        "Words of your own. Not for `webhook` and `alertmanager`, whose form is fixed."),
    ],
    oneOf: [
      "email", "dingtalk", "feishu", "wecom", "slack", "pagerduty", "sms", "webhook",
      "alertmanager",
    ])

  private static let channelRetry = ObjectDescription(
    "the repetitions", "The time doubles from one to the next.",
    keys: [
      KeyDescription(
        "first", .duration(.milliseconds(100)...TimeSpan.hours(1)), standard: "1s",
        example: "5s", "After the first failure."),
      KeyDescription(
        "longest", .duration(.milliseconds(100)...TimeSpan.hours(1)), standard: "1m",
        example: "5m", "At most."),
    ])

  private static let channelTemplate = ObjectDescription(
    "the template",
    """
    Texts in which `${…}` stands for what the message is about, and `${label:NAME}` for a label; \
    [all names](../alerts.md#templates).
    """,
    keys: [
      KeyDescription(
        "title", .text(.messageTitle), example: "\"${state} ${subject} (${count})\"",
        "The first line, and the subject of an e-mail."),
      KeyDescription(
        "line", .text(.messageLine), example: "\"${mark} ${summary}\"", "Of each alert."),
    ])

  private static let email = [
    KeyDescription(
      "server", .text(.label), required: true, example: "\"smtp.example.com:587\"",
      "The mail server, with its port."),
    KeyDescription(
      "from", .text(.label), required: true, example: "ballast@example.com", "The sender."),
    KeyDescription(
      "to", .oneOrMore(.text(.label), most: 50), required: true,
      example: "[ ops@example.com ]", "The recipients."),
    KeyDescription("username", .text(.free), example: "ballast", "For the server's login."),
    KeyDescription(
      "password", .text(.free), example: "hunter2", "For the server's login."),
    KeyDescription(
      "security",
      .choice(values: EmailChannel.Security.allCases.map(\.rawValue), later: []),
      standard: "starttls", example: "tls",
      """
      `starttls` sends nothing unless the server offers it, `tls` is TLS from the first byte on, \
      `none` neither.
      """),
    KeyDescription(
      "ca", .text(.filePath), example: "mail-ca.pem",
      "A file of certificates to trust instead of the system's; relative to the file's folder."),
  ]

  private static let sms = [
    KeyDescription(
      "twilio",
      .object(
        ObjectDescription(
          "the account at Twilio", "One message a recipient.",
          keys: [
            KeyDescription(
              "account", .text(.free), required: true, example: "AC1", "The account's SID."),
            KeyDescription(
              "token", .text(.free), required: true, example: "T", "The account's token."),
            KeyDescription(
              "from", .text(.label), required: true, example: "\"+15550100\"",
              "The sender's number."),
            recipients, base("url", TwilioChannel.standardBase, "\"http://127.0.0.1:8080\""),
          ])),
      example: "{ account: AC1, token: T, from: \"+15550100\", to: \"+15550199\" }",
      "By Twilio."),
    KeyDescription(
      "aliyun",
      .object(
        ObjectDescription(
          "the account at Aliyun", "One message to all recipients.",
          keys: [
            KeyDescription(
              "accessKey", .text(.free), required: true, example: "K", "The access key's id."),
            KeyDescription(
              "secret", .text(.free), required: true, example: "S", "The access key's secret."),
            KeyDescription(
              "signature", .text(.label), required: true, example: "Ops", "The sender's name."),
            KeyDescription(
              "template", .text(.label), required: true, example: "SMS_2",
              "The code of one with the variable `message`."),
            recipients, base("url", AliyunChannel.standardBase, "\"http://127.0.0.1:8080\""),
          ])),
      example:
        "{ accessKey: K, secret: S, signature: Ops, template: SMS_1, to: \"13800000000\" }",
      "By Aliyun."),
  ]

  private static let recipients = KeyDescription(
    "to", .oneOrMore(.text(.label), most: 50), required: true, example: "[ \"+15550199\" ]",
    "The recipients' numbers.")

  private static let signingSecret = KeyDescription(
    "secret", .text(.free), example: "SEC",
    "What messages are signed with; not signed when absent.")
  private static let bearerToken = KeyDescription(
    "token", .text(.free), example: "T", "For an `Authorization: Bearer` header.")

  private static func url(_ example: String) -> KeyDescription {
    KeyDescription(
      "url", .text(.free), required: true, example: "\"\(example)\"",
      "The address, as the service shows it. It is a secret where it has a key in it.")
  }

  private static func base(
    _ name: String, _ standard: String, _ example: String
  ) -> KeyDescription {
    KeyDescription(
      name, .text(.free), standard: "\"\(standard)\"", example: example, "Where it answers.")
  }

  private static func channel(
    _ name: String, _ about: String, _ keys: [KeyDescription], _ example: String,
    oneOf: [String] = []
  ) -> KeyDescription {
    KeyDescription(
      name, .object(ObjectDescription("the \(name) channel", about, keys: keys, oneOf: oneOf)),
      example: example, about)
  }
}
