import FoundationEssentials
import Primitives
import Testing

@testable import Configuration

/// The description, the decoder, the Settings types and the reference say the same.
struct ConfigurationSchemaTests {
  /// A file in which every map of the configuration can be set.
  private static let base = """
    listeners:
      web: { address: ":8080", service: orders }
    routes:
      - match: { host: a }
        service: shop
    services:
      shop:
        servers: [ { address: "10.0.0.1:80" } ]
        run: { command: [ ./shop ] }
      orders: { servers: [ "10.0.0.9:80" ] }

    """

  /// Every key with the path at which the base file can have it.
  private static func keys(
    of object: ObjectDescription = ConfigurationKeys.root, at path: [String] = []
  ) -> [(path: String, key: KeyDescription)] {
    let names = ["listeners": "web", "services": "shop", "environment": "A"]
    return object.keys.flatMap { key -> [(path: String, key: KeyDescription)] in
      let own = path + [key.name]
      var all = [(own.joined(separator: "."), key)]
      if let (more, inner) = key.shape.innerObject {
        let steps = more.map { $0 == "NAME" ? names[key.name] ?? "x" : "0" }
        all += keys(of: inner, at: own + steps)
      }
      return all
    }
  }

  private static let canary = "deploy: { strategy: canary }"
  private static let scheduled = "scale: { max: 20, schedule: [ { at: \"07:00\", min: 3 } ] }"

  /// What a key needs beside it, by the beginning of its path: the settings of `shop`.
  private static let companions: [(path: String, text: String)] = [
    ("services.shop.health.https.", "health: { https: {} }"),
    ("services.shop.health.http.", "health: { http: {} }"),
    ("services.shop.health.tls.", "health: { tls: {} }"),
    ("services.shop.health.agent.", "health: { agent: { port: 1 } }"),
    ("services.shop.balance.algorithm", "balance: { algorithm: random }"),
    ("services.shop.balance.", "balance: { algorithm: hash }"),
    ("services.shop.sticky.insert", "sticky: { cookie: a }"),
    ("services.shop.sticky.ttl", "sticky: { cookie: a }"),
    (
      "services.shop.standby.after",
      "mode: primary-standby\n    standby: { switchBack: when-healthy }"
    ),
    ("services.shop.standby", "mode: primary-standby"),
    ("services.shop.health.grpc", "protocol: http2"),
    ("services.shop.compression.", "compression: {}"),
    ("services.shop.deploy.steps", canary), ("services.shop.deploy.stepTime", canary),
    ("services.shop.deploy.promote", canary),
    ("services.shop.deploy.match.value", "deploy: { strategy: canary, match: { cookie: b } }"),
    ("services.shop.deploy.match", canary),
    ("services.shop.deploy.keepOld", "deploy: { strategy: blue-green }"),
    ("services.shop.scale.idle", "scale: { min: 0, max: 20, cpu: 50% }"),
    ("services.shop.scale.coldStart", "scale: { min: 0, max: 20, cpu: 50% }"),
    ("services.shop.scale.timeZone", scheduled), ("services.shop.scale.schedule.", scheduled),
    ("services.shop.scale.", "scale: { max: 20, cpu: 50% }"),
    ("services.shop.tune.", "tune: { by: cpu }"),
  ]

  /// The base, or one with what a key needs beside it. The access log is off unless its path is set,
  /// whatever its format.
  private static func file(for path: String) -> String {
    if let other = transports.first(where: { path == $0.path }) { return other.text }
    if let (_, log) = logs.first(where: { path.hasPrefix($0.path) }) {
      return base + (log.isEmpty ? "" : "log: { \(log) }\n")
    }
    if path.hasPrefix("log.access.rotate.") {
      return base + "log: { access: { path: access.log.0, rotate: { size: 64KiB } } }\n"
    }
    for (key, text) in [("redirect", "{ to: /x }"), ("respond", "{}")]
    where path.hasPrefix("routes.0.\(key)") {
      return base.replacing("    service: shop\n", with: "    \(key): \(text)\n")
    }
    if path.hasPrefix("routes.0.mirror.") {
      return base.replacing(
        "    service: shop\n", with: "    service: shop\n    mirror: { service: shop }\n")
    }
    if path.hasPrefix("routes.0.split") {
      return base.replacing("    service: shop\n", with: "    split: { shop: 1 }\n")
    }
    if path.hasPrefix("log.access.") { return base + "log: { access: { path: access.log.0 } }\n" }
    if path.hasPrefix("routes.0.rateLimit.") {
      return base.replacing(
        "    service: shop", with: "    service: shop\n    rateLimit: { rate: 7/s }")
    }
    if path.hasPrefix("listeners.web.rateLimit.") {
      return base.replacing("orders }", with: "orders, rateLimit: { rate: 7/s } }")
    }
    // A listener that sends clients to https has no service.
    let redirect = "listeners.web.redirectToHttps"
    if path.hasPrefix(redirect) {
      return base.replacing(
        "service: orders }", with: path == redirect ? "}" : "redirectToHttps: {} }")
    }
    if let (_, needed) = secured.first(where: { path.hasPrefix($0.path) }) {
      return base.replacing("orders }", with: "orders, \(needed) }")
    }
    if path.hasPrefix("services.shop.tls.") {
      return base.replacing("run: {", with: "protocol: https\n    tls: { \(pair) }\n    run: {")
    }
    if path == "services.shop.tls" {
      return base.replacing("run: {", with: "protocol: https\n    run: {")
    }
    if let (_, sink) = sinks.first(where: { path.hasPrefix("events.sinks.x." + $0.path) }) {
      return base + "events: { sinks: { x: { \(sink) } } }\n"
    }
    if path.hasPrefix("admin.tls.") {
      let authority = path.hasPrefix("admin.tls.client") ? ", clientCA: ca.pem" : ""
      return base + "admin: { tls: { certificates: { \(pair) }\(authority) } }\n"
    }
    if path.hasPrefix("admin.statusPage.") {
      return base + "admin: { statusPage: { address: \"127.0.0.1:9\" } }\n"
    }
    if path.hasPrefix("audit.head.webhook.") {
      return base + "audit: { head: { webhook: { url: \"https://a\" } } }\n"
    }
    if path.hasPrefix("state.backup.") { return base + "state: { backup: {} }\n" }
    if path.hasPrefix("traces.") { return base + "traces: { url: \"https://a/v1/traces\" }\n" }
    if path.hasPrefix("compression.") { return base + "compression: {}\n" }
    if path.hasPrefix("routes.0.compression.") {
      return base.replacing("    service: shop", with: "    compression: {}\n    service: shop")
    }
    if let (_, needed) = ofReleases.first(where: { path.hasPrefix($0.path) }) {
      return base.replacing("run: {", with: "run: { \(needed),")
    }
    if path.hasPrefix("containers") || ofContainers.contains(path) {
      return base.replacing("run: {", with: "run: { image: x,")
    }
    if path.hasPrefix("alerts.") { return base + alerts(for: path) }
    guard let needed = companions.first(where: { path.hasPrefix($0.path) }) else { return base }
    return base.replacing("run: {", with: "\(needed.text)\n    run: {")
  }

  /// What a key of the alerts needs around it, with values unlike its example.
  private static func alerts(for path: String) -> String {
    let route = "channels: [ mail ]"
    let parts: [(path: String, text: String)] = [
      (
        "alerts.routes.0.escalate.",
        "routes: [ { \(route), escalate: [ { after: 5m, \(route) } ] } ]"
      ),
      (
        "alerts.routes.0.quietHours.",
        "routes: [ { \(route), quietHours: [ { at: \"21:00\", until: \"08:00\" } ] } ]"
      ), ("alerts.routes.0", "routes: [ { \(route) } ]"),
      ("alerts.silences.0", "silences: [ { until: \"2026-12-02T06:00:00Z\" } ]"),
    ]
    let text = parts.first { path.hasPrefix($0.path) }?.text ?? rule(for: path)
    if path == "alerts.channels" { return "" }
    let kind =
      channelKinds.first { path.hasPrefix("alerts.channels.x.\($0.kind)") }
      ?? ("slack", "slack: { url: \"http://x\" }")
    let others = "hook: { slack: { url: \"http://h\" } }, mail: { slack: { url: \"http://m\" } }"
    return
      "alerts: { channels: { x: { \(kind.text) }, \(others) }\(text.isEmpty ? "" : ", ")\(text) }\n"
  }

  private static let channelKinds: [(kind: String, text: String)] = [
    ("email", "email: { server: \"m:25\", from: x@m, to: y@m, username: x, password: x }"),
    ("dingtalk", "dingtalk: { url: \"http://x\" }"), ("feishu", "feishu: { url: \"http://x\" }"),
    ("wecom", "wecom: { url: \"http://x\" }"), ("pagerduty", "pagerduty: { routingKey: X }"),
    (
      "sms.aliyun", "sms: { aliyun: { accessKey: X, secret: X, signature: X, template: X, to: X } }"
    ),
    ("sms", "sms: { twilio: { account: X, token: X, from: X, to: X } }"),
    ("webhook", "webhook: { url: \"http://x\" }"),
    ("alertmanager", "alertmanager: { url: \"http://x\" }"),
  ]

  private static func rule(for path: String) -> String {
    guard path.hasPrefix("alerts.rules.0") else { return "" }
    let conditions = [
      "errorRate": "above: 9%", "p95": "above: 9s", "healthyServers": "below: 9",
      "saturation": "above: 9%", "restarts": "above: 9", "fault": "service: orders",
    ]
    let kind = conditions.first { path.hasPrefix("alerts.rules.0.when.\($0.key)") }
    let when = kind.map { "\($0.key): { \($0.value) }" } ?? "certificate: { within: 9h }"
    return "rules: [ { name: r, when: { \(when) } } ]"
  }

  /// What a sink needs beside a key of it.
  private static let sinks: [(path: String, text: String)] = [
    ("nats.token", "nats: { servers: a }"),
    ("nats.", "nats: { servers: a, username: u, password: p, tls: { \(pair) } }"),
    ("redis.", "redis: { servers: a, username: u, password: p, tls: { \(pair) } }"),
    ("redis", "redis: { servers: a }"), ("", "nats: { servers: a }"),
  ]

  private static let ofReleases: [(path: String, text: String)] = [
    ("services.shop.run.prepareTimeout", "prepare: [ a ]"),
    ("services.shop.run.keepReleases", "prepare: [ a ]"),
    ("services.shop.run.files.x.mode", "files: { x: { text: a } }"),
    ("services.shop.run.secrets.x.as", "secrets: { x: { file: a } }"),
  ]

  /// A log has one target.
  private static let logs: [(path: String, log: String)] = [
    ("log.journald.", "journald: {}"), ("log.syslog.", "syslog: { address: \"10.0.0.1:1\" }"),
    ("log.access.journald.", "access: { journald: {} }"),
    ("log.access.syslog.", "access: { syslog: { address: \"10.0.0.1:1\" } }"),
    ("log.access.journald", ""), ("log.access.syslog", ""),
    ("log.access.sample.", "access: { path: access.log.0, sample: { share: 50% } }"),
  ]

  /// Keys that a service of processes can't have.
  private static let ofContainers = [
    "driver", "image", "pull", "port", "network", "user", "volumes", "socket",
  ].map { "services.shop.run.\($0)" }

  private static let pair = "certificate: a.pem, key: a.key"

  /// What a key of a listener needs beside it.
  private static let secured: [(path: String, text: String)] = [
    ("listeners.web.tls.clientCRL", "tls: { certificates: { \(pair) }, clientCA: ca.pem }"),
    ("listeners.web.tls.clientAuth", "tls: { certificates: { \(pair) }, clientCA: ca.pem }"),
    ("listeners.web.tls.", "tls: { certificates: { \(pair) } }"),
    ("listeners.web.hsts.preload", "tls: { selfSigned: true }, hsts: { includeSubdomains: true }"),
    ("listeners.web.hsts.", "tls: { selfSigned: true }, hsts: {}"),
    ("listeners.web.hsts", "tls: { selfSigned: true }"),
  ]

  /// For keys that take another protocol, or another kind of address.
  private static let transports: [(path: String, text: String)] = [
    ("listeners.web.mode", base.replacing("\":8080\"", with: "\"unix:/run/web.sock\"")),
    (
      "listeners.web.sessions",
      base.replacing("\":8080\"", with: "\":8080\", protocol: udp")
        .replacing("orders: {", with: "orders: { protocol: udp,")
    ),
    (
      "routes.0.match.alpn",
      base.replacing("\":8080\"", with: "\":8080\", protocol: tls-passthrough")
        .replacing("orders: {", with: "orders: { protocol: tcp,")
        .replacing("service: shop", with: "service: orders\n    listeners: [ web ]")
    ),
    ("services.shop.protocol", base.replacing("service: shop", with: "service: orders")),
  ]

  @Test func `no key is read and ignored`() throws {
    // One has one value as yet, the next another one only with other services, and the last allows what is
    // refused without it.
    let single = ["listeners.web.protocol", "services.shop.run.driver", "admin.plain"]
    for (path, key) in Self.keys() {
      let base = Self.file(for: path)
      let before = try #require(load(base).settings)
      var text = try ConfigurationEditor(base).setting(path, to: key.example)
      if path == "listeners" { text += "  other: { address: \":8081\" }\n" }
      let outcome = load(text)
      // The examples of whole sections replace names that others refer to.
      if ["listeners", "services", "routes"].contains(path) { continue }
      let after = try #require(outcome.settings, "\(path): \(outcome.brief)")
      let isSame = after == before
      #expect(isSame == (single.contains(path) || path.hasSuffix("health.tcp")), "\(path)")
    }
  }

  @Test func `every default is what holds without the key`() throws {
    for (path, key) in Self.keys() {
      guard let standard = key.standard else { continue }
      if ["routes", "services.shop.servers", "routes.0.match"].contains(path) { continue }
      let base = Self.file(for: path)
      let text = try ConfigurationEditor(base).setting(path, to: standard)
      let outcome = load(text)
      #expect(outcome.settings == load(base).settings, "\(path): \(outcome.brief)")
    }
  }

  @Test func `a key that is planned is refused wherever it stands`() throws {
    func objects(_ object: ObjectDescription, _ path: [String]) -> [(ObjectDescription, [String])] {
      let names = ["listeners": "web", "services": "shop"]
      return [(object, path)]
        + object.keys.flatMap { key -> [(ObjectDescription, [String])] in
          guard let (more, inner) = key.shape.innerObject else { return [] }
          return objects(
            inner, path + [key.name] + more.map { $0 == "NAME" ? names[key.name] ?? "x" : "0" })
        }
    }
    for (object, path) in objects(ConfigurationKeys.root, []) {
      for later in object.later {
        let full = (path + [later]).joined(separator: ".")
        let text = try ConfigurationEditor(Self.base).setting(full, to: "{}")
        let messages = load(text).messages
        #expect(messages == ["'\(later)' of \(object.title) is not supported yet"], "\(full)")
      }
    }
  }

  @Test func `the schema is JSON and has every key`() throws {
    let json = ConfigurationSchema.json()
    // JSON is YAML, so our own parser reads it.
    let root = try #require(ConfigurationEditor.parse(json))
    #expect(root["$schema"]?.scalarText == "https://json-schema.org/draft/2020-12/schema")
    for (path, _) in Self.keys() {
      var node: YAMLNode? = root
      for step in path.split(separator: ".") {
        let name = String(step)
        // The long form of a value that also has a short one.
        if case .sequence(let forms)? = node?["anyOf"]?.content { node = forms.last }
        if let inner = node?["properties"]?[name] {
          node = inner
        } else if let items = node?["items"] {
          if case .sequence(let forms)? = items["anyOf"]?.content {
            node = forms.last
          } else {
            node = items
          }
        } else {
          node = node?["additionalProperties"]
        }
      }
      #expect(node?["description"]?.scalarText?.isEmpty == false, "\(path)")
    }
  }

  @Test func `the reference is made from the description`() throws {
    var folder = #filePath.split(separator: "/").dropLast(3)
    folder += ["docs", "reference", "configuration.md"]
    let path = "/" + folder.joined(separator: "/")
    let made = ConfigurationSchema.markdown()
    if ProcessInfo.processInfo.environment["WRITE_REFERENCE"] != nil {
      try made.write(toFile: path, atomically: true, encoding: .utf8)
    }
    let written = try String(contentsOfFile: path, encoding: .utf8)
    #expect(written == made, "run this test with WRITE_REFERENCE=1, and look at the difference")
  }
}
