import AdminAPI
import Configuration
import Primitives
import Routing
import Testing
import Topology
import Wire

@testable import Engine

struct QuestionedRequestTests {
  private func head(_ request: ExplainRequest) throws -> String {
    String(decoding: try QuestionedRequest(request).head, as: UTF8.self)
  }

  @Test func `a URL becomes the head that a client would send`() throws {
    #expect(
      try head(ExplainRequest(method: "GET", url: "http://shop:8080/a?b=1#c"))
        == "GET /a?b=1 HTTP/1.1\r\nHost: shop:8080\r\n\r\n")
    #expect(
      try head(ExplainRequest(method: "PUT", url: "HTTPS://shop?x", headers: ["X-A: 1"]))
        == "PUT /?x HTTP/1.1\r\nHost: shop\r\nX-A: 1\r\n\r\n")
    #expect(
      try head(ExplainRequest(method: "GET", url: "/a", headers: ["HOST: b"]))
        == "GET /a HTTP/1.1\r\nHOST: b\r\n\r\n")
    #expect(
      try head(ExplainRequest(method: "GET", url: "/a"))
        == "GET /a HTTP/1.1\r\nHost: localhost\r\n\r\n")
  }

  @Test func `the client and the URL's port are read`() throws {
    let plain = try QuestionedRequest(ExplainRequest(method: "GET", url: "/"))
    #expect(plain.address.host == "127.0.0.1" && plain.port == nil)
    let other = try QuestionedRequest(
      ExplainRequest(method: "GET", url: "http://[::1]:8443/", client: "2001:db8::1"))
    #expect(other.address.host == "2001:db8::1" && other.port == 8443)
  }

  @Test(arguments: [
    ExplainRequest(method: "GET", url: "ftp://a/"), ExplainRequest(method: "GET", url: "shop"),
    ExplainRequest(method: "GET", url: "http:///a"), ExplainRequest(method: "GET", url: ""),
    ExplainRequest(method: "GET", url: "/", headers: ["A: b\r\nC: d"]),
    ExplainRequest(method: "GET /x HTTP/1.1\n", url: "/"),
    ExplainRequest(method: "GET", url: "/", client: "nobody"),
    ExplainRequest(method: "GET", url: "/" + String(repeating: "a", count: 70_000)),
  ])
  func `what is no request is refused`(_ request: ExplainRequest) {
    #expect(throws: QuestionedRequest.Refusal.self) { try QuestionedRequest(request) }
  }

  @Test func `every route of a listener says what it thinks of a request`() throws {
    func route(_ name: String, _ host: String?, _ path: String, method: String? = nil)
      -> RouteSettings
    {
      RouteSettings(
        name: name,
        match: RouteMatch(
          hosts: host.map { [HostPattern($0)] } ?? [], path: PathPattern(path),
          conditions: RequestConditions(methods: method.map { [$0] } ?? [])),
        action: .service("shop"))
    }
    let settings = Settings(
      listeners: [ListenerSettings(name: "web", address: .loopback(port: 81), service: "shop")],
      routes: [
        route("r0", "other", "/*"), route("r1", "shop", "/b"),
        route("r2", "shop", "/a/x/*", method: "PUT"), route("r3", "shop", "/a/*"),
        route("r4", nil, "/*"),
      ], services: [ServiceSettings(name: "shop")])
    let input = TopologyInput(settings: settings)
    var identities = IdentityRegistry()
    let snapshot = TopologyBuilder.build(version: 1, input, identities: &identities)
    var question = try QuestionedRequest(
      ExplainRequest(method: "GET", url: "http://Shop:81//a/%78?q"))
    var head = RequestHead()
    #expect(try head.read(question.head.span))
    try question.makePathCanonical(&head)
    #expect(question.head.starts(with: Array("GET /a/x?q HTTP/1.1\r\n".utf8)))
    let trials = RouteTrials(
      snapshot, input.tables, listener: 0, head, question.head.span,
      client: ClientAddress(question.address))
    #expect(trials.trials.map(\.route) == ["r1", "r2", "r3", "r0", "r4", "web"])
    #expect(
      trials.trials.map(\.result)
        == ["path", "method", "matched", "not-asked", "not-asked", "not-asked"])
    #expect(trials.trials.map(\.path) == ["/b", "/a/x/*", "/a/*", nil, nil, nil])
    #expect(trials.trials[1].failed == "method PUT")
    #expect(trials.trials.allSatisfy { $0.action == "shop" && $0.service == "shop" })
    #expect(trials.taker == 3)
  }
}
