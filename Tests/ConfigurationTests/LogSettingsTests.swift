import Primitives
import Testing

@testable import Configuration

@Suite struct LogSettingsTests {
  private func access(_ body: String) -> LoadOutcome {
    load(Golden.smallest + "log: { access: { path: a.log, \(body) } }\n")
  }

  private func template(_ text: String) throws -> LogTemplate {
    let outcome = access("template: '\(text)'")
    guard case .template(let template)? = outcome.settings?.log.accessFormat else {
      throw Refused(messages: outcome.brief)
    }
    return template
  }

  private struct Refused: Error {
    var messages: [String]
  }

  private func log(_ body: String) throws -> LogSettings {
    let outcome = load(Golden.smallest + "log: { \(body) }\n")
    guard let settings = outcome.settings else { throw Refused(messages: outcome.brief) }
    return settings.log
  }

  @Test func `each log has its target`() throws {
    let made = try log(
      """
      journald: { identifier: edge }, access: { syslog: { address: "[::1]:601", transport: tcp, \
      facility: local7 }, sample: { share: 0.1%, slow: 2s } }
      """)
    #expect(made.target == .journald(JournaldSettings(identifier: "edge")))
    #expect(
      made.access
        == .syslog(
          SyslogSettings(
            address: .ipv6(high: 0, low: 1, port: 601), transport: .tcp, facility: .local7)))
    #expect(made.sampling == LogSampling(share: 0.001, slow: .seconds(2)))
    #expect(
      try log("journald: true, access: { journald: false, path: \"-\" }").target != .standardError)
    #expect(try log("syslog: { address: \"unix:/dev/log\" }").access == .off)
  }

  @Test func `facilities have the codes of RFC 5424`() {
    let codes = SyslogSettings.Facility.allCases.map { ($0.rawValue, $0.code) }
    #expect(codes.first { $0.0 == "daemon" }?.1 == 3)
    #expect(codes.filter { $0.0.hasPrefix("local") }.map(\.1) == Array(16...23))
    #expect(Set(codes.map(\.1)).count == codes.count)
  }

  @Test func `a template is taken apart once`() throws {
    let made = try template(
      "${client} \"${method} ${requestHeader:User-Agent}\" ${responseHeader:ETag}!")
    #expect(
      made.segments == [
        .variable(.client), .text(" \""), .variable(.method), .text(" "), .requestHeader(0),
        .text("\" "), .responseHeader(0), .text("!"),
      ])
    #expect(made.fields == LoggedFieldNames(request: ["user-agent"], response: ["etag"]))
  }

  @Test func `a field that is named twice is kept once`() throws {
    let made = try template("${requestHeader:A}${requestHeader:a}${requestHeader:B}")
    #expect(made.segments == [.requestHeader(0), .requestHeader(0), .requestHeader(1)])
    #expect(made.fields.request == ["a", "b"])
  }

  @Test func `dollars that begin no name are text`() throws {
    #expect(try template("$5 $${client} $").segments == [.text("$5 ${client} $")])
  }

  @Test func `every variable has its name`() throws {
    for variable in LogVariable.allCases {
      #expect(try template("${\(variable.rawValue)}").segments == [.variable(variable)])
    }
  }

  @Test(arguments: [
    ("${clients}", "did you mean '${client}'?"),
    ("${requestheader}", "write '${requestHeader:NAME}'"),
    ("${nonsense}", "the names are time, "),
    ("${requestHeader:a b}", "write '${requestHeader:User-Agent}'"),
    ("${requestHeader:}", "write '${requestHeader:User-Agent}'"),
    ("${client", "write '${client}'"),
  ])
  func `what is no variable is refused with advice`(text: String, advice: String) throws {
    let outcome = access("template: '\(text)'")
    #expect(outcome.settings == nil)
    #expect(outcome.brief.count == 1)
    #expect(outcome.brief.first?.contains(advice) == true, "\(outcome.brief)")
  }

  @Test func `a template has a limit of fields and of parts`() {
    let fields = (0...16).map { "${requestHeader:f\($0)}" }.joined()
    #expect(access("template: '\(fields)'").settings == nil)
    let parts = String(repeating: "${client} ", count: 65)
    #expect(access("template: '\(parts)'").settings == nil)
    let long = String(repeating: "x", count: 4_097)
    #expect(access("template: '\(long)'").settings == nil)
  }

  @Test func `the environment is no part of a template`() throws {
    let outcome = load(
      Golden.smallest + "log: { access: { path: a.log, template: '${client}' } }\n",
      environment: ["client": "hidden"])
    let template = try LogTemplate("${client}")
    #expect(outcome.settings?.log.accessFormat == .template(template))
  }

  @Test func `a format and a template exclude one another`() {
    let outcome = access("format: json, template: '${client}'")
    #expect(
      outcome.messages == ["the access log has 'format' and 'template', which exclude one another"])
  }

  @Test func `fields beside what JSON has`() {
    let outcome = access("requestHeaders: [ User-Agent, user-agent ], responseHeaders: [ ETag ]")
    #expect(outcome.brief == [])
    #expect(
      outcome.settings?.log.accessFormat
        == .json(LoggedFieldNames(request: ["user-agent"], response: ["etag"])))
    #expect(access("format: combined, requestHeaders: [ a ]").settings == nil)
  }

  @Test func `secrets are logged only by who is told`() {
    let outcome = access("requestHeaders: [ Cookie ]")
    #expect(outcome.settings != nil)
    #expect(outcome.messages.count == 1 && outcome.messages[0].contains("'cookie'"))
  }

  @Test func `only a file is rotated`() {
    #expect(
      access("rotate: { size: 1MiB }").settings?.log.rotation == .init(size: 1 << 20, keep: 5))
    let outcome = load(
      Golden.smallest + "log: { access: { path: \"-\", rotate: { size: 1MiB } } }\n")
    #expect(outcome.messages == ["standard output is no file that could be rotated"])
  }
}
