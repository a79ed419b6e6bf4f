import Testing

@testable import Configuration

@Suite struct HiddenSecretsTests {
  private let text = """
    # the shop
    alerts:
      channels:
        ops: { dingtalk: { url: "https://d.example/send?access_token=T0", secret: SEC0 } } # ours
        sms: { sms: { aliyun: { accessKey: K0, secret: "${SMS}", signature: Ops, template: S, to: "1" } } }
        pd: { pagerduty: { routingKey: R0 } }
    traces: { url: "http://c.example/v1/traces", headers: { X-Team: T3am, X-Other: "${OTHER}" } }
    services:
      shop:
        servers: [ "10.0.0.1:80" ]
        run:
          command: [ ./shop ]
          environment: { DB_PASSWORD: w0rd, NAME: shop }
    """

  @Test func `what is secret is hidden, and all else stays as it is`() {
    let shown = HiddenSecrets.hide(text)
    for secret in ["T0", "SEC0", "K0", "R0", "w0rd", "T3am"] {
      #expect(!shown.contains(secret), "\(secret)")
    }
    for kept in [
      "# the shop", "# ours", "${SMS}", "${OTHER}", "signature: Ops", "NAME: shop", "10.0.0.1:80",
    ] {
      #expect(shown.contains(kept), "\(kept)")
    }
    #expect(ConfigurationEditor(shown).value(at: "alerts.channels.pd.pagerduty.routingKey") != nil)
    #expect(HiddenSecrets.hide("services: [") == "# (hidden)\n")
    let login = HiddenSecrets.hide("log: { error: \"nats://u:w0rd@n.example\" }")
    #expect(!login.contains("w0rd") && login.contains("n.example"))
  }

  @Test func `a text that was shown is taken back with the secrets that hold`() throws {
    let edited = HiddenSecrets.hide(text).replacing("10.0.0.1:80", with: "10.0.0.2:80")
    let restored = try HiddenSecrets.restore(edited, from: ["other: {}", text])
    for (path, value) in [
      ("alerts.channels.ops.dingtalk.secret", "\"SEC0\""),
      ("alerts.channels.ops.dingtalk.url", "\"https://d.example/send?access_token=T0\""),
      ("services.shop.run.environment.DB_PASSWORD", "\"w0rd\""),
      ("traces.headers.X-Team", "\"T3am\""),
      ("alerts.channels.sms.sms.aliyun.secret", "\"${SMS}\""),
    ] {
      #expect(ConfigurationEditor(restored).value(at: path) == value)
    }
    #expect(restored.contains("10.0.0.2:80"))
    #expect(throws: ConfigurationEditor.Problem.self) {
      try HiddenSecrets.restore("a: { secret: (hidden) }", from: [text])
    }
    #expect(try HiddenSecrets.restore("comment: (hidden)", from: []) == "comment: (hidden)")
  }
}
