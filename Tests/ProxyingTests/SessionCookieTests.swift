import Balancing
import Primitives
import Testing
import Topology
import Wire

@testable import Proxying

@Suite struct SessionCookieTests {
  private func relayed(_ text: String, _ cookie: SessionCookie) -> String {
    let bytes = Array(text.utf8)
    var head = ResponseHead()
    guard (try? head.read(bytes.span, isHead: false)) == true else { return "refused" }
    var writer = ByteWriter(capacity: 4_096)
    RelayedAnswer.write(
      head, bytes.span, framing: .asStated, isOldClient: false, keepsConnection: true,
      cookie: cookie, to: &writer)
    return unsafe String(decoding: writer.bytes, as: UTF8.self)
  }

  private func cookie(age: TimeSpan = .zero, isSecure: Bool = false) -> SessionCookie {
    SessionCookie(
      name: Array("BALLAST".utf8), token: Array("t0ken".utf8), age: age, isSecure: isSecure)
  }

  @Test(arguments: [
    (TimeSpan.zero, false, ""), (.zero, true, "; Secure"), (.hours(1), false, "; Max-Age=3600"),
    (.milliseconds(10), true, "; Max-Age=1; Secure"),
  ])
  func `our cookie comes beside the server's, for this client alone`(
    age: TimeSpan, isSecure: Bool, attributes: String
  ) {
    let head = "HTTP/1.1 200 OK\r\nSet-Cookie: sid=1\r\nCache-Control: public\r\n"
    #expect(
      relayed(head + "Content-Length: 0\r\n\r\n", cookie(age: age, isSecure: isSecure))
        == head + "Content-Length: 0\r\n"
        + "Set-Cookie: BALLAST=t0ken; Path=/; HttpOnly; SameSite=Lax\(attributes)\r\n"
        + "Cache-Control: private\r\nVia: 1.1 ballast\r\n\r\n")
  }

  @Test func `a cookie that a server takes back or never set has no value`() {
    func value(_ fields: String) -> String? {
      let bytes = Array("HTTP/1.1 200 OK\r\n\(fields)\r\n".utf8)
      var head = ResponseHead()
      guard (try? head.read(bytes.span, isHead: false)) == true else { return "refused" }
      return SetCookieField.find(head, bytes.span, name: Array("sid".utf8)).map {
        String(decoding: bytes[$0], as: UTF8.self)
      }
    }
    #expect(value("Set-Cookie: sid=1; Path=/\r\n") == "1")
    #expect(
      value("Set-Cookie: sid=1\r\nset-cookie: sid=2 ; HttpOnly\r\nSet-Cookie: x=3\r\n") == "2")
    #expect(value("Set-Cookie: sid=; Max-Age=0\r\n") == nil)
    #expect(value("Set-Cookie: SID=1\r\nSet-Cookie: x=sid=1\r\nCookie: sid=1\r\n") == nil)
    #expect(value("") == nil)
  }

  @Test func `a cookie that the client names for this hop only does not reach the server`() {
    #expect(
      forwarded("GET / HTTP/1.1\r\nHost: a\r\nConnection: cookie\r\nCookie: a=1\r\n\r\n")
        == "GET / HTTP/1.1\r\nHost: a\r\n" + forwarding(host: "a"))
  }
}
