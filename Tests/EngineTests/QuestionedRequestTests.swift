import AdminAPI
import Primitives
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
    let service = Service(
      id: ServiceID(0), name: "shop", algorithm: .roundRobin, servers: [])
    func route(_ number: Int, _ host: String?, _ path: Route.Path) -> Route {
      Route(
        id: RouteID(number), name: "r\(number)", host: host.map { Array($0.utf8) }, path: path,
        service: 0)
    }
    let snapshot = TopologySnapshot(
      version: 1,
      listeners: [Listener(id: ListenerID(0), name: "web", routes: [0, 1, 2, 3])],
      routes: [
        route(0, "other", .any), route(1, "shop", .exact(Array("/b".utf8))),
        route(2, "shop", .prefix(Array("/a/".utf8))), route(3, nil, .any),
      ], services: [service])
    let question = try QuestionedRequest(
      ExplainRequest(method: "GET", url: "http://Shop:81/a/x"))
    var head = RequestHead()
    #expect(try head.read(question.head.span))
    let trials = RouteTrials(snapshot, listener: 0, head, question.head.span)
    #expect(trials.trials.map(\.result) == ["host", "path", "matched", "not-asked"])
    #expect(trials.trials.map(\.path) == [nil, "/b", "/a/*", nil])
    #expect(trials.taker == 2)
  }
}
