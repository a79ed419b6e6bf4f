import Configuration
import Faults
import HealthChecking
import Primitives
import Testing

@testable import Engine

struct CheckTests {
  private func answer(
    _ text: String, statuses: [ClosedRange<Int>] = [200...299], body: String? = nil,
    piece: Int = .max
  ) -> CheckResult {
    var answer = CheckAnswer(HTTPCheckExpectation(statuses: statuses, body: body))
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      if let result = answer.take(rest.prefix(piece)) { return result }
      rest = rest.dropFirst(piece)
    }
    return answer.finish()
  }

  @Test(arguments: [1, 7, 1000])
  func `an answer may come in pieces`(_ piece: Int) {
    let text = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nfine!"
    #expect(answer(text, body: "fine", piece: piece) == .passed(detail: "200"))
    #expect(!answer(text, body: "bad", piece: piece).passed)
    let chunked =
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nfi\r\n3\r\nne!\r\n0\r\n\r\n"
    #expect(answer(chunked, body: "fine", piece: piece).passed)
    #expect(answer("HTTP/1.0 200 OK\r\n\r\nfine!", body: "fine", piece: piece).passed)
  }

  @Test func `interim answers are passed over, but not without end`() {
    #expect(answer("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n").passed)
    let endless = String(repeating: "HTTP/1.1 100 Continue\r\n\r\n", count: 100)
    #expect(answer(endless) == .failed(detail: "endless interim answers"))
  }

  @Test func `what is no whole answer fails, and says how`() {
    #expect(answer("") == .failed(detail: "closed without an answer"))
    #expect(answer("HTTP/1.1 200") == .failed(detail: "closed inside the answer's head"))
    #expect(answer("SSH-2.0-OpenSSH\r\n") == .failed(detail: "a broken answer: bad-status-line"))
    let cut = "HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nfine"
    #expect(answer(cut, body: "never") == .failed(detail: "closed inside the body"))
    #expect(!answer("HTTP/1.1 503 No\r\n\r\n").passed)
  }

  @Test func `a long body is read as far as the limit`() {
    let filler = String(repeating: "x", count: HTTPCheckExpectation.bodyLimit)
    let text = "HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n\(filler)"
    #expect(!answer(text, body: "y", piece: 4096).passed)
    #expect(answer(text, body: "xxx", piece: 4096).passed)
  }

  @Test func `a check has a Host of its own`() throws {
    var check = HealthSettings.HTTPCheck(path: "/healthz")
    var target = CheckTarget(
      name: ServerName(service: "shop", server: "a"), address: .loopback(port: 8080),
      check: .http(check), timeout: .seconds(1))
    var text = String(decoding: try #require(target.request), as: UTF8.self)
    #expect(text.hasPrefix("GET /healthz HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n"))
    #expect(text.hasSuffix("Connection: close\r\n\r\n"))
    check.host = "shop"
    target.check = .http(check)
    text = String(decoding: try #require(target.request), as: UTF8.self)
    #expect(text.contains("\r\nHost: shop\r\n"))
    target.check = .tcp
    #expect(target.request == nil)
  }
}
