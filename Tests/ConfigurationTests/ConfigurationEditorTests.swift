import Configuration
import Testing

struct ConfigurationEditorTests {
  private static let file = """
    # The shop's balancer.
    listeners:
      web: { address: ":8080" }   # in front

    services:
      shop:                       # sells
        servers:
          # two of them
          - 10.0.0.11:8080        # left
          - { name: b, address: "10.0.0.12:8080" }
        balance: random           # for now
        timeouts:
          connect: 1s

          # long answers
          response: 5m
      shop.eu:
        servers: [ "10.0.0.13:8080" ]

    # the end
    """

  private func set(_ path: String, _ value: String, in text: String = file) throws -> String {
    try ConfigurationEditor(text).setting(path, to: value)
  }

  /// The lines that differ, as `- old` and `+ new`.
  private func changes(_ path: String, _ value: String, in text: String = file) throws -> [String] {
    let new = try set(path, value, in: text)
    let old = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    let lines = new.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    return lines.difference(from: old).map { change in
      switch change {
      case .remove(_, let line, _): "- \(line)"
      case .insert(_, let line, _): "+ \(line)"
      }
    }
  }

  @Test(arguments: [
    ("services.shop.balance", "random"),
    ("listeners.web.address", "\":8080\""),
    ("listeners.web", "{ address: \":8080\" }"),
    ("services.shop.servers.0", "10.0.0.11:8080"),
    ("services.shop.servers.1.name", "b"),
    ("services.shop.servers.b.address", "\"10.0.0.12:8080\""),
    ("services.shop.timeouts", "connect: 1s\n\n# long answers\nresponse: 5m"),
    ("services.shop.eu.servers", "[ \"10.0.0.13:8080\" ]"),
  ])
  func `a value is read by its path`(_ path: String, _ value: String) {
    #expect(ConfigurationEditor(Self.file).value(at: path) == value)
  }

  @Test func `what is not written has no value`() {
    for path in [
      "", "x", "services.shop.run", "services.shop.servers.2", "services.shop.balance.x",
    ] {
      #expect(ConfigurationEditor(Self.file).value(at: path) == nil)
    }
    #expect(ConfigurationEditor("a: [").value(at: "a") == nil)
  }

  @Test func `a scalar is replaced and the rest stays to the byte`() throws {
    #expect(
      try changes("services.shop.balance", "round-robin") == [
        "-     balance: random           # for now",
        "+     balance: round-robin           # for now",
      ])
    #expect(
      try changes("listeners.web.address", ":80") == [
        "-   web: { address: \":8080\" }   # in front",
        "+   web: { address: \":80\" }   # in front",
      ])
    #expect(
      try changes("services.shop.servers.0", "10.0.0.99:80") == [
        "-       - 10.0.0.11:8080        # left", "+       - 10.0.0.99:80        # left",
      ])
  }

  @Test(arguments: [
    ("slowStart", "5s"), ("panic", "30%"), ("sticky", "{ cookie: BALLAST_shop }"),
    ("sticky.cookie", "BALLAST_shop"), ("ejection.successRate", "80%"), ("limits.adaptive", "true"),
    ("balance", "{ algorithm: hash, key: \"header:X-Tenant\" }"), ("retries.hedge", "200ms"),
    ("health.agent", "{ port: 9999 }"), ("servers.0", "{ address: \"10.0.0.1:80\", zone: a }"),
    ("mode", "primary-standby"),
  ])
  func `a service's key is set, and the file is good`(_ key: String, _ value: String) throws {
    let text = try ConfigurationEditor(Golden.smallest).setting("services.shop.\(key)", to: value)
    let outcome = load(text)
    #expect(outcome.diagnostics == [])
    #expect(outcome.settings != load(Golden.smallest).settings)
  }

  @Test func `text that would mean something else is quoted`() throws {
    let changed = try changes("services.shop.servers.b.name", "'a, b: {c}'")
    #expect(changed.last == "+       - { name: 'a, b: {c}', address: \"10.0.0.12:8080\" }")
    #expect(try set("a", "x # y", in: "a: 1\n") == "a: x\n")
    #expect(try set("l.0", "a,b", in: "l: [ 1 ]\n") == "l: [ \"a,b\" ]\n")
    #expect(try set("a", "", in: "a: 1\n") == "a: \"\"\n")
  }

  @Test func `a block is replaced by one line, and its key's comment stays`() throws {
    #expect(
      try changes("services.shop.timeouts", "{ connect: 2s }") == [
        "-       response: 5m", "-       # long answers", "- ", "-       connect: 1s",
        "-     timeouts:", "+     timeouts: { connect: 2s }",
      ])
    let text = "a: # why\n  b: 1\n  c: 2\nd: 3 # three\n"
    #expect(try set("a", "4", in: text) == "a: 4 # why\nd: 3 # three\n")
  }

  @Test func `a block takes the place of a line`() throws {
    let value = "http:\n  path: /healthz\nrise: 1\n"
    #expect(
      try set("a.health", value, in: "a:\n  health: {} # none\nb: 1\n")
        == "a:\n  health: # none\n    http:\n      path: /healthz\n    rise: 1\nb: 1\n")
    #expect(
      try set("a", "- x\n- y", in: "a: 1\n") == "a:\n  - x\n  - y\n")
    #expect(
      try set("a", "- x\n- y", in: "a:\n- b\n- c\n") == "a:\n  - x\n  - y\n")
    #expect(
      try set("l.0", "x: 1\ny: 2", in: "l:\n  - a\n  - b\n") == "l:\n  - x: 1\n    y: 2\n  - b\n")
    #expect(try set("a.b", "x: 1\ny: 2", in: "a: { b: 1 }\n") == "a: { b: { x: 1, y: 2 } }\n")
    #expect(try set("a", "|\n  one\n  two", in: "a: 1\nb: 2\n") == "a: |\n    one\n    two\nb: 2\n")
  }

  @Test func `a missing key is added at the end of its map`() throws {
    #expect(
      try changes("services.shop.timeouts.idle", "1h") == ["+       idle: 1h"])
    #expect(
      try changes("listeners.web.service", "shop") == [
        "-   web: { address: \":8080\" }   # in front",
        "+   web: { address: \":8080\", service: shop }   # in front",
      ])
    #expect(try changes("services.shop.limits.queue", "10") == ["+     limits: { queue: 10 }"])
    #expect(try changes("workers", "2") == ["+ workers: 2"])
    #expect(try set("a.b", "1", in: "a: {}\n") == "a: { b: 1 }\n")
    #expect(try set("a.b", "1", in: "a:\nc: 2\n") == "a: { b: 1 }\nc: 2\n")
    #expect(try set("a.b", "1", in: "# empty\n") == "# empty\na: { b: 1 }\n")
    #expect(try set("a", "1", in: "") == "a: 1\n")
    #expect(try set("b", "1", in: "a: 1") == "a: 1\nb: 1")
    #expect(try set("b c", "1", in: "a: 1\n") == "a: 1\n\"b c\": 1\n")
  }

  @Test func `an item is appended to a list`() throws {
    #expect(
      try changes("services.shop.servers.2", "10.0.0.14:8080") == ["+       - 10.0.0.14:8080"])
    #expect(try set("l.1", "b", in: "l: [ a ]\n") == "l: [ a, b ]\n")
    #expect(try set("l.0", "b", in: "l: []\n") == "l: [ b ]\n")
    #expect(throws: ConfigurationEditor.Problem.self) { try set("l.5", "b", in: "l: [ a ]\n") }
  }

  @Test func `line ends of the other kind are kept`() throws {
    #expect(try set("a.c", "2", in: "a:\r\n  b: 1\r\n") == "a:\r\n  b: 1\r\n  c: 2\r\n")
    #expect(try set("a.b", "2", in: "a:\r\n  b: 1\r\n") == "a:\r\n  b: 2\r\n")
  }

  @Test func `what would change another value is refused`() {
    let text = "a: &x { k: 1 }\nb: *x\n"
    for (path, value) in [("b.k", "2"), ("a.k", "2"), ("a", "2")] {
      #expect(throws: ConfigurationEditor.Problem.self) { try set(path, value, in: text) }
    }
    #expect(throws: Never.self) { try set("b", "2", in: text) }
  }

  @Test(arguments: [
    ("a", "[ 1", "a: 1\n"), ("a.b", "1", "a: text\n"), ("", "1", "a: 1\n"),
    ("a..b", "1", "a: {}\n"),
    ("a", "1", "a: [\n"), ("a", "x\n---\ny", "a: 1\n"),
  ])
  func `what cannot be set is refused with a reason`(
    _ path: String, _ value: String, _ text: String
  ) {
    #expect {
      try set(path, value, in: text)
    } throws: { error in
      (error as? ConfigurationEditor.Problem)?.message.isEmpty == false
    }
  }
}
