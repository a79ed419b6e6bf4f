import Primitives
import Routing
import Testing
import Topology
import Wire

@testable import Proxying

@Suite struct RouteEditsTests {
  private let request = "GET /api/a%20b?q HTTP/1.1\r\nHost: Shop:80\r\nX-A: 1\r\nX-B: 2\r\n\r\n"

  private func head(_ text: String) throws -> (RequestHead, [UInt8]) {
    let bytes = Array(text.utf8)
    var head = RequestHead()
    guard try head.read(bytes.span) else { throw HeadError.badRequestLine }
    return (head, bytes)
  }

  private func values(_ path: PathPattern) -> RequestValues {
    RequestValues(
      peer: PeerText(.loopback(port: 1)), identifier: .init(high: 1, low: 2), listener: "web",
      route: "r", service: "s", path: path)
  }

  private func forwarded(
    _ edits: RouteEdits, _ request: String
  ) throws -> (text: String, isSound: Bool) {
    let (head, bytes) = try head(request)
    var writer = ByteWriter(capacity: 4096)
    var captures = CaptureRun()
    let isSound = ForwardedRequest.write(
      head, bytes.span, peer: PeerText(.loopback(port: 1)),
      isTrusted: false, isSecure: false, identifier: .init(high: 1, low: 2), defaultHost: [],
      edits: .init(route: edits, values: values(edits.path)), unmarksTags: false,
      captures: &captures, to: &writer)
    return (unsafe String(decoding: writer.bytes, as: UTF8.self), isSound)
  }

  @Test func `a request is rewritten and its fields are changed`() throws {
    let path = PathPattern("/api/*")
    func field(_ name: String, _ value: String) throws -> FieldEdits.Field {
      .init(name: name, value: try TextTemplate(value, for: .requestField, path: path))
    }
    let edits = RouteEdits(
      path: path, rewrittenPath: try TextTemplate("/v2/*", for: .path, path: path),
      rewrittenHost: try TextTemplate("in.${host}", for: .host, path: path),
      request: FieldEdits(
        set: [try field("X-A", "${path}|${header:x-b}")], add: [try field("X-B", "${service}")],
        remove: [Array("x-c".utf8)]))
    let (text, isSound) = try forwarded(edits, request)
    #expect(isSound)
    #expect(
      text.hasPrefix(
        "GET /v2/a%20b?q HTTP/1.1\r\nHost: in.Shop\r\nX-B: 2\r\nX-A: /api/a%20b|2\r\nX-B: s\r\n"))
    #expect(text.contains("\r\nX-Forwarded-Host: Shop:80\r\n"))
    // What goes out is a head that we would take.
    let (again, bytes) = try head(text)
    #expect(again.count == bytes.count)
  }

  @Test func `a rewrite that leaves the form is noticed`() throws {
    let path = PathPattern.expression(try PathExpression("/x(.*)"))
    let edits = RouteEdits(
      path: path, rewrittenPath: try TextTemplate("/${1}", for: .path, path: path))
    let good = try forwarded(edits, "GET /xa%20b HTTP/1.1\r\nHost: a\r\n\r\n")
    #expect(good.isSound && good.text.hasPrefix("GET /a%20b HTTP/1.1\r\n"))
    let bad = try forwarded(edits, "GET /x/evil HTTP/1.1\r\nHost: a\r\n\r\n")
    #expect(!bad.isSound)
  }

  private func redirected(_ to: String, path: PathPattern, _ request: String) throws -> String? {
    let (head, bytes) = try head(request)
    var writer = ByteWriter(capacity: 4096)
    var captures = CaptureRun()
    let redirect = Redirect(
      status: 308, location: try TextTemplate(to, for: .redirect, path: path), path: path)
    let isGood = DirectAnswer.write(
      redirect, FieldEdits(), values(path),
      form: .init(isHead: false, keepsConnection: true, isOldClient: false), head, bytes.span,
      captures: &captures, to: &writer)
    guard isGood else { return nil }
    return unsafe String(decoding: writer.bytes, as: UTF8.self)
  }

  @Test(arguments: [
    ("https://${host}${uri}", "https://Shop/api/a%20b?q"), ("/new/*", "/new/a%20b"),
    ("${path}", "/api/a%20b"), ("https://x.y", "https://x.y"), ("/*?${query}", "/*?q"),
  ])
  func `a redirect names its place`(to: String, place: String) throws {
    let text = try #require(try redirected(to, path: PathPattern("/api/*"), request))
    #expect(
      text == "HTTP/1.1 308 Permanent Redirect\r\nLocation: \(place)\r\nContent-Length: 0\r\n"
        + "Via: 1.1 ballast\r\n\r\n")
  }

  @Test func `no request makes a redirect lead to another host`() throws {
    let path = PathPattern.expression(try PathExpression("/go(.*)"))
    #expect(try redirected("/${1}", path: path, "GET /go/evil HTTP/1.1\r\nHost: a\r\n\r\n") == nil)
    #expect(try redirected("/${1}", path: path, "GET /goa HTTP/1.1\r\nHost: a\r\n\r\n") != nil)
  }

  @Test func `a fixed answer has a body where one may be`() throws {
    let (head, bytes) = try head(request)
    func answer(_ status: Int, _ body: String, isHead: Bool = false) -> String {
      var writer = ByteWriter(capacity: 4096)
      var captures = CaptureRun()
      DirectAnswer.write(
        FixedAnswer(status: status, contentType: "text/html", body: Array(body.utf8)),
        FieldEdits(), values(.any),
        form: .init(isHead: isHead, keepsConnection: false, isOldClient: false), head, bytes.span,
        captures: &captures, to: &writer)
      return unsafe String(decoding: writer.bytes, as: UTF8.self)
    }
    let end = "Connection: close\r\nVia: 1.1 ballast\r\n\r\n"
    let front = "HTTP/1.1 403 Forbidden\r\nContent-Type: text/html\r\nContent-Length: 2\r\n"
    #expect(answer(403, "no") == front + end + "no")
    #expect(answer(403, "no", isHead: true) == front + end)
    #expect(answer(204, "") == "HTTP/1.1 204 No Content\r\n" + end)
    #expect(answer(299, "") == "HTTP/1.1 299 \r\nContent-Length: 0\r\n" + end)
  }

  @Test func `templates tell the scheme and the client's certificate`() throws {
    let (head, bytes) = try head(request)
    let template = try TextTemplate(
      "${scheme}|${client-subject}", for: .requestField, path: .any)
    var values = values(.any)
    var captures = CaptureRun()
    var writer = ByteWriter(capacity: 256)
    values.write(template, head, bytes.span, captures: &captures, to: &writer)
    (values.isSecure, values.subject) = (true, Array("CN=shop,O=Ä".utf8))
    values.write(template, head, bytes.span, captures: &captures, to: &writer)
    #expect(
      unsafe String(decoding: writer.bytes, as: UTF8.self) == "http|https|CN=shop,O=Ä")
    #expect(throws: TextTemplate.Problem.self) {
      try TextTemplate("/${client-subject}", for: .redirect, path: .any)
    }
  }
}
