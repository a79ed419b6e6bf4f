import Primitives
import Testing
import Tracing

@testable import Configuration

@Suite struct TraceSettingsTests {
  private func load(_ body: String) -> LoadOutcome {
    ConfigurationTests.load(Golden.smallest + "traces: { \(body) }\n")
  }

  @Test func `without the key no traces are made`() {
    let outcome = ConfigurationTests.load(Golden.smallest)
    #expect(outcome.settings != nil && outcome.settings?.traces == nil)
  }

  @Test func `a url is enough`() throws {
    let traces = try #require(load("url: \"http://c:4318/v1/traces\"").settings?.traces)
    #expect(traces == TraceSettings(url: "http://c:4318/v1/traces"))
    #expect(traces.rules == TraceRules())
    #expect(traces.collector.encoding == .protobuf)
  }

  @Test func `all of it is read`() throws {
    let outcome = load(
      """
      url: "https://c/v1/traces", encoding: json, headers: { Authorization: "Bearer T" }, \
      ca: ca.pem, timeout: 3s, sample: 100%, keep: { slow: 0s, failed: false, perSecond: 7 }, \
      continue: all, service: edge, resource: { deployment.environment.name: test }
      """)
    let traces = try #require(outcome.settings?.traces, "\(outcome.brief)")
    #expect(traces.collector.encoding == .json)
    #expect(traces.collector.headers == [.init(name: "Authorization", value: "Bearer T")])
    #expect(traces.collector.ca?.hasSuffix("/ca.pem") == true)
    #expect(traces.collector.timeout == .seconds(3))
    #expect(traces.collector.service == "edge")
    #expect(
      traces.collector.resource == [.init(name: "deployment.environment.name", value: "test")])
    #expect(
      traces.rules
        == TraceRules(
          share: 1, slow: nil, keepsFailed: false, keptPerSecond: 7, continuesAll: true))
  }

  @Test(arguments: [
    ("encoding: json", "'url' is missing in the traces"),
    ("url: \"c:4318\"", "the collector's url is not one of HTTP"),
    ("url: \"ftp://c/v1/traces\"", "the collector's url is not one of HTTP"),
    ("url: \"http:///v1/traces\"", "the collector's url is not one of HTTP"),
    ("url: \"http://:4318/v1\"", "the collector's url is not one of HTTP"),
    ("url: \"http://c/v1/traces#x\"", "the collector's url is not one of HTTP"),
    (
      "url: \"http://u:p@c/v1/traces\"",
      "the collector's url has a user's name in it, which logs would show"
    ),
    ("url: \"http://c/\", headers: { Host: a }", "the header 'Host' is set by Ballast itself"),
    (
      "url: \"http://c/\", headers: { A: \"a\\r\\nB: b\" }",
      "the value of 'A' is too long or has control characters"
    ),
    ("url: \"http://c/\", ca: ca.pem", "'ca' has no meaning for a collector without TLS"),
    ("url: \"http://c/\", sampel: 3%", "'sampel' is no key of the traces"),
  ])
  func `a mistake is told`(body: String, message: String) {
    #expect(load(body).messages == [message])
  }

  @Test func `a route does not write what Ballast writes`() {
    let routes = "routes: [ { service: shop, requestHeaders: { set: { Traceparent: x } } } ]\n"
    #expect(ConfigurationTests.load(Golden.smallest + routes).settings != nil)
    let both = ConfigurationTests.load(
      Golden.smallest + routes + "traces: { url: \"http://c/\" }\n")
    #expect(both.messages == ["the header 'Traceparent' is set by Ballast itself, with 'traces'"])
  }

  @Test func `what the collector wants to see is shown to nobody else`() throws {
    let text =
      Golden.smallest + "traces: { url: \"http://c/\", headers: { X-Team: \"hidden-1\" } }\n"
    let other = text.replacing("hidden-1", with: "hidden-2")
    let told = try version(text).differences(to: version(other)).map { "\($0)" }.joined()
    #expect(told.contains("X-Team") && told.contains("(hidden)") && !told.contains("hidden-"))
  }

  private func version(_ text: String) throws -> ConfigurationVersion {
    ConfigurationVersion(
      sources: [ConfigurationSource(path: "a.yaml", text: text)],
      settings: try #require(ConfigurationTests.load(text).settings))
  }
}
