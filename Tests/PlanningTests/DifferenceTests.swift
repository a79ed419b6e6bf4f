import Configuration
import Testing

@Suite struct DifferenceTests {
  private func found(_ old: String, _ new: String) throws -> [String] {
    try version(old).differences(to: version(new)).map {
      "\($0.change) \($0.kind) \($0.name) \($0.path): \($0.old ?? "-") > \($0.new ?? "-")"
        + ($0.standard.map { " [\($0)]" } ?? "")
    }
  }

  private static let text = """
    listeners:
      web: { address: ":8080" }
    services:
      shop:
        servers: [ "10.0.0.1:80", { name: b, address: "10.0.0.2:80" } ]
        timeouts: { connect: 3s, response: 10s }
    routes:
      - { match: { path: /a }, service: shop }
      - { name: other, match: { path: /b }, service: shop }

    """

  @Test func `what is only written differently is no difference`() throws {
    let other = Self.text.replacing("3s", with: "3000ms").replacing(
      "\"10.0.0.1:80\"", with: "{ address: 10.0.0.1:80 }")
    #expect(try found(Self.text, "# a comment\n" + other).isEmpty)
  }

  @Test func `values are told with what they were, and with the default where nothing is written`()
    throws
  {
    let other = Self.text.replacing("response: 10s", with: "idle: 5m")
    #expect(
      try found(Self.text, other) == [
        "removed service shop services.shop.timeouts.response: 10s > - [60s]",
        "added service shop services.shop.timeouts.idle: - > 5m [1h]",
      ])
  }

  @Test func `servers are followed by their names`() throws {
    let other = Self.text.replacing(
      "[ \"10.0.0.1:80\", { name: b, address: \"10.0.0.2:80\" } ]",
      with:
        "[ { name: b, address: \"10.0.0.2:80\", weight: 3 }, { name: c, address: \"10.0.0.3:80\" } ]"
    )
    #expect(
      try found(Self.text, other) == [
        "added server shop/b services.shop.servers.0.weight: - > 3 [1]",
        "added server shop/c services.shop.servers.1: - > "
          + "{ name: c, address: \"10.0.0.3:80\" }",
        "removed server shop/10.0.0.1:80 services.shop.servers.0: "
          + "{ address: \"10.0.0.1:80\" } > -",
      ])
  }

  @Test func `routes without a name are followed by what they lead to`() throws {
    let other = Self.text.replacing("/b", with: "/c")
    #expect(
      try found(Self.text, other) == ["changed route other routes.1.match.path: /b > /c"])
  }

  @Test func `listeners, services and top level keys come and go whole`() throws {
    let other = Self.text.replacing(
      "  web: { address: \":8080\" }", with: "  all: { address: \":8081\" }")
    #expect(
      try found(Self.text, other + "workers: 2\n") == [
        "removed listener web listeners.web: { address: \":8080\" } > -",
        "added listener all listeners.all: - > { address: \":8081\" }",
        "added setting workers workers: - > 2",
      ])
  }

  @Test func `what is likely a secret is not shown`() throws {
    let run = { (environment: String) in
      """
      listeners: { web: { address: ":8080" } }
      services: { shop: { run: { command: [ a ], environment: \(environment) } } }

      """
    }
    let old = run("{ LEVEL: info, DB_PASSWORD: hunter2, URL: \"pg://me:hunter2@db/x\" }")
    let new = run(
      "{ LEVEL: debug, DB_PASSWORD: hunter3, URL: \"pg://me:hunter3@db/x\", T: \"${TOKEN}\" }")
    let all = try found(old, new)
    #expect(!all.joined().contains("hunter"))
    #expect(
      all.first == "changed service shop services.shop.run.environment.LEVEL: info > debug")
    #expect(all.last?.hasSuffix("environment.T: - > \"${TOKEN}\"") == true)
    let whole = try found(run("{}"), old)
    #expect(!whole.joined().contains("hunter"), "also where the whole map is new")
  }

  @Test func `another file behind the same words is a difference`() throws {
    let text = Self.text + "errors: { 503: ./503.html }\n"
    var (old, new) = (try version(Self.text), try version(Self.text))
    (old.sources[0].text, new.sources[0].text) = (text, text)
    new.settings.zone = "b"
    let found = old.differences(to: new)
    #expect(found.map(\.name) == ["configuration"])
  }
}
