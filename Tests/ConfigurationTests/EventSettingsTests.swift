import Primitives
import Testing

@testable import Configuration

@Suite struct EventSettingsTests {
  private func events(_ body: String) -> LoadOutcome {
    load(Golden.smallest + "events: \(body)\n")
  }

  private func sink(_ body: String) -> LoadOutcome { events("{ sinks: { bus: { \(body) } } }") }

  @Test func `a sink of NATS has what it says and the rest as usual`() throws {
    let outcome = sink(
      """
      nats: { servers: [ a.example.com, "b.example.com:5222", "[fd00::1]:4223" ], username: ballast,
        password: p, tls: { ca: bus.pem } }, send: faults
      """)
    let sink = try #require(outcome.settings?.events.sinks.first, "\(outcome.brief)")
    #expect(sink.name == "bus")
    #expect(
      sink.servers == [
        HostAndPort(host: "a.example.com", port: 4222),
        HostAndPort(host: "b.example.com", port: 5222), HostAndPort(host: "fd00::1", port: 4223),
      ])
    #expect(sink.username == "ballast" && sink.password == "p")
    #expect(sink.tls?.ca == "/srv/shop/bus.pem" && sink.tls?.verify == true)
    #expect(sink.content == [.faults])
    #expect(sink.target == .nats(NATSSettings()))
    #expect(outcome.settings?.events.buffer == 64 << 20)
  }

  @Test func `a sink of Redis keeps all entries when it says so`() throws {
    let outcome = sink("redis: { servers: r, stream: s, maxLength: 0, database: 2 }")
    let sink = try #require(outcome.settings?.events.sinks.first, "\(outcome.brief)")
    var redis = RedisSettings()
    (redis.stream, redis.maxLength, redis.database) = ("s", nil, 2)
    #expect(sink.target == .redis(redis))
    #expect(sink.servers == [HostAndPort(host: "r", port: 6379)])
    #expect(sink.tls == nil && outcome.diagnostics.isEmpty)
  }

  @Test(arguments: [
    ("send: events", "the sink does not say what it is"),
    ("nats: { servers: a }, redis: { servers: a }", "which exclude one another"),
    ("nats: { servers: \"nats://a\" }", "'nats://a' is no server"),
    ("nats: { servers: \"a:0\" }", "'a:0' is no server"),
    ("nats: { servers: \"a:70000\" }", "'a:70000' is no server"),
    ("nats: { servers: [] }", "has 0 items"), ("nats: {}", "'servers' is missing"),
    ("nats: { servers: a, subject: \"a..b\" }", "'a..b' is no subject to publish under"),
    ("nats: { servers: a, subject: \"a.>\" }", "'a.>' is no subject to publish under"),
    ("nats: { servers: a, subject: \"$JS.API\" }", "'$JS.API' is no subject to publish under"),
    ("nats: { servers: a, username: u }", "'username' needs 'password'"),
    ("nats: { servers: a, password: p }", "'password' needs 'username'"),
    (
      "nats: { servers: a, username: u, password: p, token: t }",
      "'token' and 'username' exclude one another"
    ), ("kafka: {}", "'kafka' is no key of a sink"),
  ])
  func `what cannot be is refused with its place`(body: String, message: String) {
    let outcome = sink(body)
    #expect(outcome.settings == nil)
    #expect(outcome.messages.contains { $0.contains(message) }, "\(outcome.brief)")
  }

  @Test func `more sinks than there may be are refused`() {
    let all = (0...8).map { "s\($0): { redis: { servers: a } }" }.joined(separator: ", ")
    #expect(events("{ sinks: { \(all) } }").messages == ["there are 9 sinks; the most is 8"])
  }

  @Test func `a secret that would go in the clear is warned of, except on this machine`() {
    let far = sink("redis: { servers: r.example.com, password: p }")
    #expect(far.settings != nil && far.messages.contains { $0.contains("in the clear") })
    #expect(sink("redis: { servers: \"127.0.0.1\", password: p }").messages == [])
    #expect(sink("redis: { servers: r.example.com, password: p, tls: {} }").messages == [])
  }
}
