import Faults
import Primitives
import Proxying
import Testing
import Topology
import Tracing
import Wire

@testable import Engine

@Suite struct SpanMakerTests {
  private static let names: TraceNames = {
    var names = TraceNames()
    names.listeners = ["web"]
    names.routes = ["orders-api"]
    names.services = ["orders"]
    names.servers = [
      ServerName(service: "orders", server: "o1"), ServerName(service: "orders", server: "o2"),
    ]
    names.addresses = [.loopback(port: 81), nil]
    return names
  }()

  private let maker = SpanMaker(names: Self.names, epoch: 1_000_000_000_000)

  private func request(_ change: (inout TracedRequest) -> Void = { _ in }) -> TracedRequest {
    var record = RequestRecord()
    record.identifier = .init(high: 7, low: 8)
    record.began = Instant(nanoseconds: 5_000_000_000)
    record.duration = .milliseconds(900)
    record.client = PeerText(.loopback(port: 9))
    record.method = .get
    let head = Array("shop.example.com:8443/orders/7?token=secret".utf8)
    record.host.set(head.span, 0..<21)
    record.target.set(head.span, 21..<head.count)
    record.listener = ListenerID(0)
    record.route = RouteID(0)
    record.service = ServiceID(0)
    record.status = 200
    record.requestBytes = 120
    record.answerBytes = 5
    record.tries.began(0, isHedge: false, isReused: true, after: .milliseconds(1))
    record.tries.answered(0, 200, after: .milliseconds(800))
    record.tries.finish(.answered, after: .milliseconds(900))
    var mark = TraceMark()
    mark.isSet = true
    mark.trace = TraceIdentifier(high: 7, low: 8)
    mark.span = 99
    mark.flags = .sampled
    var request = TracedRequest(
      record: record, mark: mark, reason: .sampled, version: .http11, isSecure: true,
      isFailed: false, isTunnel: false)
    change(&request)
    return request
  }

  private func value(_ name: String, of span: TraceSpan) -> TraceSpan.Value? {
    let found = span.attributes.filter { $0.name == name }
    #expect(found.count < 2, "\(name) is there twice")
    return found.first?.value
  }

  @Test func `a request is a span of a server, with one of a client below it for each try`() throws
  {
    let spans = maker.spans(of: request())
    #expect(spans.count == 2 && request().spanCount == 2)
    let (whole, attempt) = (spans[0], spans[1])
    #expect(whole.name == "GET orders-api" && whole.kind == .server && whole.parent == 0)
    #expect(whole.began == 1_005_000_000_000 && whole.ended == 1_005_900_000_000)
    #expect(whole.failure == nil)
    #expect(attempt.name == "GET" && attempt.kind == .client && attempt.parent == 99)
    #expect(attempt.identifier == SpanIdentifier.child(of: 99, SpanIdentifier.attempt(0)))
    #expect(attempt.began == 1_005_001_000_000 && attempt.ended == 1_005_900_000_000)
    #expect(value("ballast.server", of: attempt) == .text("o1"))
    #expect(value("server.address", of: attempt) == .text("127.0.0.1"))
    #expect(value("server.port", of: attempt) == .number(81))
    #expect(value("ballast.because", of: attempt) == .text("chosen"))
  }

  @Test func `a request says what was asked, of whom, and what came of it, but not its query`() {
    let whole = maker.spans(of: request())[0]
    #expect(value("http.request.method", of: whole) == .text("GET"))
    #expect(value("url.scheme", of: whole) == .text("https"))
    #expect(value("url.path", of: whole) == .text("/orders/7"))
    #expect(value("server.address", of: whole) == .text("shop.example.com"))
    #expect(value("server.port", of: whole) == .number(8443))
    #expect(value("client.address", of: whole) == .text("127.0.0.1"))
    #expect(value("http.response.status_code", of: whole) == .number(200))
    #expect(value("ballast.listener", of: whole) == .text("web"))
    #expect(value("ballast.service", of: whole) == .text("orders"))
    #expect(value("ballast.kept", of: whole) == .text("sampled"))
    #expect(value("ballast.request_id", of: whole) == .text("00000000000000070000000000000008"))
    #expect(value("error.type", of: whole) == nil)
    #expect(!whole.attributes.contains { "\($0.value)".contains("secret") })
  }

  @Test func `tries that failed, the connection that was waited for and the queue have spans`() {
    let failed = request { request in
      var tries = RequestTries()
      tries.began(1, isHedge: false, isReused: false, after: .milliseconds(100))
      tries.ended(1, .connectFailure, after: .milliseconds(200))
      tries.began(0, isHedge: false, isReused: false, after: .milliseconds(200))
      tries.connected(0, after: .milliseconds(250))
      tries.answered(0, 503, after: .milliseconds(300))
      tries.finish(.answered, after: .milliseconds(900))
      request.record.tries = tries
      request.record.status = 503
      request.isFailed = true
      request.mark.waits.begin(after: .zero)
      request.mark.waits.end(after: .milliseconds(100))
    }
    let spans = maker.spans(of: failed)
    #expect(spans.map(\.name) == ["GET orders-api", "queue", "GET", "connect", "GET", "connect"])
    #expect(failed.spanCount == spans.count)
    #expect(Set(spans.map(\.identifier)).count == spans.count)
    #expect(spans[0].failure == "503" && value("error.type", of: spans[0]) == .text("503"))
    #expect(spans[1].parent == 99 && spans[1].ended - spans[1].began == 100_000_000)
    #expect(spans[2].failure == "connect-failure" && spans[3].failure == "connect-failure")
    #expect(spans[3].parent == spans[2].identifier)
    #expect(
      spans[4].failure == "503"
        && value("ballast.because", of: spans[4]) == .text("connect-failure"))
    #expect(value("http.request.resend_count", of: spans[4]) == .number(1))
    #expect(spans[5].parent == spans[4].identifier && spans[5].failure == nil)
    #expect(spans[5].ended - spans[5].began == 50_000_000)
  }

  @Test func `all tries are there, also those that a request does not carry along`() {
    let long = request { request in
      var tries = RequestTries()
      for number in 0..<7 {
        if tries.isFull { request.middleTries.append(tries.last) }
        tries.began(
          number % 2, isHedge: false, isReused: true, after: .milliseconds(Int64(number)))
        tries.ended(number % 2, .reset, after: .milliseconds(Int64(number + 1)))
      }
      request.record.tries = tries
    }
    let spans = maker.spans(of: long).dropFirst()
    #expect(spans.count == 7 && long.spanCount == 8)
    #expect(spans.map(\.began) == (0..<7).map { 1_005_000_000_000 + $0 * 1_000_000 })
    #expect(
      spans.map(\.identifier)
        == (0..<7).map { SpanIdentifier.child(of: 99, SpanIdentifier.attempt($0)) })
  }

  @Test func `an answer of our own says why`() {
    let refused = request { request in
      request.record.tries = RequestTries()
      request.record.status = 404
      request.record.reason = "no-route"
      request.record.route = nil
      request.record.service = nil
      request.record.method = .other
    }
    let spans = maker.spans(of: refused)
    #expect(spans.count == 1 && spans[0].name == "HTTP" && spans[0].failure == nil)
    #expect(value("http.request.method", of: spans[0]) == .text("_OTHER"))
    #expect(value("ballast.reason", of: spans[0]) == .text("no-route"))
    #expect(value("ballast.service", of: spans[0]) == nil)
  }

  @Test func `a trace that is gone on with has a parent elsewhere`() {
    let spans = maker.spans(
      of: request { request in
        request.mark.isContinued = true
        request.mark.parent = 55
      })
    #expect(spans[0].parent == 55 && spans[0].isParentRemote)
    #expect(spans[1].parent == 99 && !spans[1].isParentRemote)
  }

  @Test
  func `waits that follow upon one another are one, and many are not more than there is room for`()
  {
    var waits = TraceWaits()
    waits.begin(after: .zero)
    waits.end(after: .milliseconds(1))
    waits.begin(after: .milliseconds(1))
    waits.end(after: .milliseconds(3))
    #expect(waits.count == 1 && waits.all[0].ended == 3_000)
    for number in 2..<9 {
      waits.begin(after: .seconds(Int64(number)))
      waits.end(after: .seconds(Int64(number)) + .milliseconds(1))
    }
    #expect(waits.count == TraceWaits.limit && waits.all[3].ended == 8_001_000)
  }
}
