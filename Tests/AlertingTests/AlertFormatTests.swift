import CCrypto
import Primitives
import Testing

@testable import Alerting

@Suite struct AlertFormatTests {
  private let digests = MessageDigests(
    hmacSHA256: { unsafe Self.hmac(EVP_sha256(), $0, $1) },
    hmacSHA1: { unsafe Self.hmac(EVP_sha1(), $0, $1) })

  private static func hmac(
    _ kind: OpaquePointer?, _ key: [UInt8], _ message: [UInt8]
  ) -> [UInt8] {
    var code = [UInt8](repeating: 0, count: 64)
    var length: CUnsignedInt = 0
    let result = unsafe HMAC(
      kind, key, CInt(key.count), message, message.count, &code, &length)
    return unsafe result == nil ? [] : Array(code.prefix(Int(length)))
  }

  private let at = WallTime(milliseconds: 1_700_000_000_000)

  private func message(_ count: Int, over: Bool = false, groups: Int = 1) -> AlertMessage {
    let parts = (0..<groups).map { group in
      let items = (0..<count).map { number in
        AlertMessage.Item(
          id: "\(group)-\(number)", rule: "crash-loop", severity: .critical,
          labels: ["alertname": "crash-loop", "service": "shop", "server": "shop-\(number)"],
          summary: "shop/shop-\(number): \"killed\" & <ended>\n次", began: at,
          ended: over ? at : nil)
      }
      return AlertMessage.Part(
        key: "0/service=shop\(group)", labels: ["service": "shop"], firing: over ? [] : items,
        resolved: over ? items : [])
    }
    return AlertMessage(at: at, parts: parts, isDigest: groups > 1)
  }

  private func text(_ request: AlertRequest) -> String {
    String(decoding: request.body, as: UTF8.self)
  }

  private func url(_ request: AlertRequest) -> String {
    if case .http(let url, _) = request.kind { return url }
    return ""
  }

  @Test func `DingTalk and Feishu are signed as they say`() {
    #expect(
      DingTalkChannel.sign(1_700_000_000_000, "SECthisisasecret", digests)
        == "k0xJ3lqr9N%2BgHT3Ywq7xDQxuIXiiigEITTk0lLgeQOg%3D")
    #expect(
      FeishuChannel.sign(1_700_000_000, "SECthisisasecret", digests)
        == "QGz1NnIzPS7eJuQF54qgKRrAQp3Y7vjEW2N5XlvrZH0=")
    let request = DingTalkChannel(
      url: "https://d.example/robot/send?access_token=T", secret: "SECthisisasecret",
      mention: ["13800000000"]
    ).request(message(2), digests)
    #expect(
      url(request)
        == "https://d.example/robot/send?access_token=T&timestamp=1700000000000"
        + "&sign=k0xJ3lqr9N%2BgHT3Ywq7xDQxuIXiiigEITTk0lLgeQOg%3D")
    #expect(text(request).contains("\"atMobiles\":[\"13800000000\"]"))
    #expect(text(request).contains("@13800000000"))
  }

  @Test func `Aliyun's parameters are sorted, encoded and signed`() {
    // HMAC-SHA1 of "POST&%2F&A%3D1%26b%3Dx%252B%2520y" under "s&", by openssl.
    let sign = AliyunChannel.sign(["b": "x+ y", "A": "1"], "s", digests)
    let wanted = Base64Text.encode(
      digests.hmacSHA1(Array("s&".utf8), Array("POST&%2F&A%3D1%26b%3Dx%252B%2520y".utf8)))
    #expect(sign == wanted)
    let request = AliyunChannel(
      accessKey: "K", secret: "S", signature: "运维", template: "SMS_1", to: ["1", "2"]
    ).request(message(40), nonce: "n", digests)
    let body = text(request)
    #expect(body.contains("Timestamp=2023-11-14T22%3A13%3A20Z"))
    #expect(body.contains("PhoneNumbers=1%2C2") && body.contains("&Signature="))
  }

  @Test(arguments: [1, 20, 1_000, 10_000])
  func `no message is larger than its channel takes, and says what is missing`(count: Int) {
    let big = message(count)
    let ding = DingTalkChannel(url: "https://x/?a=1", secret: "s").request(big, digests)
    #expect(ding.body.count <= 20_000)
    let feishu = FeishuChannel(url: "https://x", secret: "s").request(big, digests)
    #expect(feishu.body.count <= 20_000)
    #expect(SlackChannel(url: "https://x").request(big).body.count <= 16_000)
    #expect(WebhookChannel(url: "https://x").request(big).body.count <= 1 << 20)
    let mail = EmailChannel(server: "m:25", from: "a@b", to: ["c@d"]).request(big, nonce: "1")
    #expect(mail.body.count <= 400_000)
    let wecom = text(WeComChannel(url: "https://x").request(big))
    // Two bytes for each of the marks and line ends that JSON escapes, at most.
    #expect(wecom.utf8.count <= 2 * 4_096)
    if count >= 1_000 {
      #expect(text(ding).contains("… and ") && wecom.contains("… and "))
      #expect(text(feishu).contains(" more"))
    }
    for sms in TwilioChannel(account: "A", token: "t", from: "+1", to: ["+2", "+3"])
      .requests(big)
    {
      #expect(sms.body.count <= 640 * 3 + 100)
    }
  }

  @Test func `a web hook gets Alertmanager's version 4`() {
    let request = WebhookChannel(url: "https://x", token: "T").request(message(2))
    let body = text(request)
    #expect(body.hasPrefix("{\"version\":\"4\",\"groupKey\":\"0/service=shop0\""))
    for piece in [
      "\"status\":\"firing\"", "\"groupLabels\":{\"service\":\"shop\"}",
      "\"commonLabels\":{\"alertname\":\"crash-loop\",\"service\":\"shop\"}",
      "\"startsAt\":\"2023-11-14T22:13:20.000Z\"", "\"endsAt\":\"0001-01-01T00:00:00Z\"",
      "\"fingerprint\":\"0-0\"", "\"truncatedAlerts\":0",
    ] {
      #expect(body.contains(piece), "\(piece)")
    }
    #expect(
      request.kind
        == .http(
          url: "https://x",
          headers: [
            .init(name: "Content-Type", value: "application/json"),
            .init(name: "Authorization", value: "Bearer T"),
          ]))
    let large = text(WebhookChannel(url: "https://x").request(message(10_000)))
    #expect(!large.contains("\"truncatedAlerts\":0,"))
  }

  @Test func `Alertmanager is told how long to believe`() {
    let channel = AlertmanagerChannel(url: "http://a:9093/", validFor: .hours(1))
    let request = channel.request(message(1))
    #expect(url(request) == "http://a:9093/api/v2/alerts")
    #expect(text(request).contains("\"endsAt\":\"2023-11-14T23:13:20.000Z\""))
    #expect(
      text(channel.request(message(1, over: true))).contains(
        "\"endsAt\":\"2023-11-14T22:13:20.000Z\""))
  }

  @Test func `PagerDuty gets an event a group, opened and closed under one key`() {
    let channel = PagerDutyChannel(routingKey: "R")
    let opened = channel.requests(message(2, groups: 3))
    #expect(opened.count == 3)
    #expect(
      text(opened[0]).contains(
        "\"dedup_key\":\"ballast/0/service=shop0\",\"event_action\":\"trigger\""))
    #expect(
      text(channel.requests(message(2, over: true))[0]).contains("\"event_action\":\"resolve\""))
  }

  @Test func `an e-mail is plain and safe, whatever is in it`() {
    let request = EmailChannel(
      server: "m:25", from: "ballast@b.example", to: ["c@d", "e@f\r\nBcc: g@h"]
    ).request(message(1), nonce: "n1")
    let body = text(request)
    #expect(body.contains("To: c@d,\r\n e@fBcc: g@h\r\n"))
    #expect(body.contains("Date: Tue, 14 Nov 2023 22:13:20 +0000\r\n"))
    #expect(body.contains("Subject: =?utf-8?B?"))
    #expect(body.split(separator: "\r\n").allSatisfy { $0.utf8.count <= 78 })
    #expect(EmailChannel.words("plain") == "plain")
  }

  @Test func `what a service answers decides, not only its status`() {
    let ding = AlertChannel.dingtalk(DingTalkChannel(url: "", secret: nil))
    #expect(
      ding.verdict(status: 200, body: Array(#"{"errcode":0,"errmsg":"ok"}"#.utf8)) == .delivered)
    let refused = ding.verdict(
      status: 200, body: Array(#"{"errcode":310000,"errmsg":"sign"}"#.utf8))
    #expect(refused != .delivered)
    #expect(ding.verdict(status: 500, body: []) == .failed(reason: "it answered 500"))
    #expect(
      ding.verdict(status: 429, body: [], retryAfter: "30")
        == .failed(reason: "it answered 429", retryAfter: .seconds(30)))
    let feishu = AlertChannel.feishu(FeishuChannel(url: "", secret: nil))
    #expect(feishu.verdict(status: 200, body: Array(#"{"StatusCode": 0}"#.utf8)) == .delivered)
    #expect(feishu.verdict(status: 200, body: Array(#"{"code": 19021}"#.utf8)) != .delivered)
    let sms = AlertChannel.aliyun(
      AliyunChannel(accessKey: "", secret: "", signature: "", template: "", to: []))
    #expect(
      sms.verdict(status: 200, body: Array(#"{"Message":"OK","Code":"OK"}"#.utf8)) == .delivered)
    #expect(sms.verdict(status: 200, body: Array(#"{"Code":"isv.LIMIT"}"#.utf8)) != .delivered)
    #expect(ding.verdict(status: 200, body: [0xFF, 0x22]) != .delivered)
  }

  @Test func `a channel's own words take the place of ours, in one line each`() throws {
    var message = message(2)
    message.wording.title = try MessageTemplate(
      "${state} ${count} ${subject} ${rules} ${label:service} $${x} $1", for: .title)
    message.wording.line = try MessageTemplate(
      "${mark} ${service}/${server} ${summary} ${ended}|", for: .line)
    #expect(message.title == "FIRING 2 shop crash-loop shop ${x} $1")
    let lines = MessageText.lines(of: message, style: .plain, limit: 10_000)
    #expect(
      lines == "▲ shop/shop-0 shop/shop-0: \"killed\" & <ended> 次 |\n"
        + "▲ shop/shop-1 shop/shop-1: \"killed\" & <ended> 次 |")
    for (text, problem) in [
      ("${summary", MessageTemplate.Problem.open), ("${count}", .unknown("count")), ("", .length),
    ] {
      #expect(throws: problem) { try MessageTemplate(text, for: .line) }
    }
  }

  @Test func `base64 is that of RFC 4648`() {
    let vectors = ["": "", "f": "Zg==", "fo": "Zm8=", "foo": "Zm9v", "foobar": "Zm9vYmFy"]
    for (plain, coded) in vectors { #expect(Base64Text.encode(plain.utf8) == coded) }
  }
}
