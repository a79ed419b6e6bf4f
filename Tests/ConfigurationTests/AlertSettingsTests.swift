import Alerting
import Faults
import Primitives
import Testing

@testable import Configuration

@Suite struct AlertSettingsTests {
  private func load(_ alerts: String, service: String = "") -> LoadOutcome {
    let text = """
      listeners: { web: { address: ":8080" } }
      services:
        shop: { servers: [ "10.0.0.1:80" ]\(service) }
      alerts:
      \(alerts.split(separator: "\n").map { "  \($0)" }.joined(separator: "\n"))
      """
    return ConfigurationTests.load(text, environment: ["SMTP": "hidden-word"])
  }

  private func settings(_ alerts: String, service: String = "") throws -> AlertSettings {
    let outcome = load(alerts, service: service)
    return try #require(outcome.settings, "\(outcome.diagnostics.map(\.message))").alerts
  }

  private func errors(_ alerts: String, service: String = "") -> [String] {
    load(alerts, service: service).diagnostics.filter { $0.severity == .error }.map {
      "\($0.message) \($0.suggestion ?? "")"
    }
  }

  @Test func `a rule can name each type of fault that the ledger makes but alerts' own`() throws {
    for kind in FaultRecord.Kind.allCases {
      let rule = "rules: [ { name: r, when: { fault: { types: [ \(kind.rawValue) ] } } } ]"
      #expect(errors(rule).isEmpty == !kind.isFromAlerts, "\(kind)")
    }
    let standard = StandardRules.all.flatMap { rule -> Set<String> in
      if case .fault(let types) = rule.condition { types } else { [] }
    }
    #expect(!standard.isEmpty && standard.allSatisfy(ConfigurationKeys.faultTypes.contains))
  }

  @Test func `channels, routes and rules of the contract`() throws {
    let alerts = try settings(
      """
      channels:
        ops:  { dingtalk: { url: "https://oapi.dingtalk.com/robot/send?access_token=T", secret: SEC } }
        mail: { email: { server: "smtp.example.com:587", from: a@example.com, to: [ b@example.com ], username: u, password: "${SMTP}" }, budget: 3 }
        hook: { webhook: { url: "https://x.example" }, fallback: mail }
      routes: [ { match: { severity: critical }, channels: [ ops, mail ], groupBy: [ service ], groupWait: 30s, groupInterval: 5m, repeat: 4h } ]
      rules:
        - { name: errors, when: { errorRate: { service: shop, above: 5% } }, for: 1m, severity: critical }
      """)
    #expect(alerts.channels.map(\.name) == ["ops", "mail", "hook"])
    #expect(alerts.channels.map(\.policy.budget) == [20, 3, 60])
    #expect(alerts.channels[2].policy.fallback == "mail")
    guard case .email(let email) = alerts.channels[1].channel else {
      Issue.record("no e-mail")
      return
    }
    #expect(email.password == "hidden-word" && email.security == .starttls)
    #expect(
      alerts.routes == [
        AlertRoute(match: LabelMatch(["severity": "critical"]), channels: ["ops", "mail"])
      ])
    #expect(
      alerts.rules == [
        AlertRule(
          name: "errors", .errorRate(above: 0.05, window: .minutes(1), requests: 20),
          service: "shop", wait: .minutes(1), severity: .critical)
      ])
  }

  @Test func `without a route all goes to all channels, and rules of the same name replace`() throws
  {
    let alerts = try settings(
      """
      channels: { hook: { webhook: { url: "http://x" } } }
      rules: [ { name: crash-loop, when: { fault: { types: [ crash-loop ] } }, severity: info } ]
      """)
    let policy = alerts.policy([])
    #expect(policy.routes.map(\.channels) == [["hook"]])
    #expect(policy.rules.filter { $0.name == "crash-loop" }.map(\.severity) == [.info])
    #expect(policy.rules.count == StandardRules.all.count)
  }

  @Test func `text messages name their provider, and templates what they can say`() throws {
    let alerts = try settings(
      """
      channels:
        t: { sms: { twilio: { account: AC1, token: T, from: "+1", to: "+2" } }, template: { line: "${summary} $${x}" } }
        a: { sms: { aliyun: { accessKey: K, secret: S, signature: Ops, template: SMS_1, to: [ "1", "2" ] } } }
      """)
    #expect(
      alerts.channels[0].channel
        == .twilio(
          TwilioChannel(account: "AC1", token: "T", from: "+1", to: ["+2"])))
    #expect(alerts.channels[0].wording.line != nil)
    guard case .aliyun(let aliyun) = alerts.channels[1].channel else {
      Issue.record("not by Aliyun")
      return
    }
    #expect(aliyun.to == ["1", "2"] && aliyun.base == AliyunChannel.standardBase)
    #expect(errors("channels: { a: { sms: {} } }").first?.contains("no provider") == true)
    #expect(
      errors("channels: { a: { slack: { url: \"http://x\" }, template: { line: \"${sumary}\" } } }")
        .first?.contains("did you mean '${summary}'?") == true)
    #expect(
      errors("channels: { a: { webhook: { url: \"http://x\" }, template: { line: x } } }").first?
        .contains("is not for the webhook channel") == true)
  }

  @Test func `objectives become rules`() throws {
    let outcome = load("{}", service: ", slo: { availability: 99.9%, latency: { p95: 300ms } }")
    let settings = try #require(outcome.settings)
    let rules = settings.alerts.policy(settings.services).rules
    #expect(rules.filter { $0.name.hasPrefix("slo-") }.count == 6)
    #expect(errors("{}", service: ", slo: { availability: 100% }").count == 1)
  }

  @Test func `what is wrong is told with what was probably meant, and no secret`() {
    let channel = "channels: { mail: { email: { server: \"m:25\", from: a@b, to: c@d } } }"
    #expect(
      errors("\(channel)\nroutes: [ { channels: [ mial ] } ]").first?.contains(
        "did you mean 'mail'?") == true)
    #expect(errors("channels: { a: {} }").first?.contains("of no kind") == true)
    #expect(
      errors("rules: [ { name: x, when: { errorRate: { service: shpo, above: 5% } } } ]").first?
        .contains("did you mean 'shop'?") == true)
    #expect(errors("rules: [ { name: x, when: {} } ]").first?.contains("no condition") == true)
    #expect(errors("silences: [ { until: tomorrow } ]").first?.contains("is no time") == true)
    let secret = errors("channels: { a: { slack: { url: \"ftp://secret-word\" } } }")
    #expect(secret.count == 1 && !secret[0].contains("secret-word"))
    let both = errors(
      "channels: { a: { email: { server: \"m:25\", from: a@b, to: c@d, username: u } } }")
    #expect(both.first?.contains("belong together") == true)
    #expect(errors("channels: { a: { webhook: { url: \"http://x\" }, fallback: a } }").count == 1)
  }
}
