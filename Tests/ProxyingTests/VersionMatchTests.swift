import Topology
import Wire
import Testing

@testable import Proxying

private func matches(_ match: VersionMatch, _ fields: String) -> Bool {
  let bytes = Array("GET / HTTP/1.1\r\nHost: a\r\n\(fields)\r\n".utf8)
  var head = RequestHead()
  guard (try? head.read(bytes.span)) == true else { return false }
  return match.matches(head, bytes.span)
}

@Suite struct VersionMatchTests {
  private let header = VersionMatch(.header(Array("x-canary".utf8)), value: Array("yes".utf8))
  private let cookie = VersionMatch(.cookie(Array("canary".utf8)))

  @Test func `a header matches by any of its lines, its name in any case`() {
    #expect(matches(header, "X-CANARY: yes\r\n"))
    #expect(matches(header, "X-Canary: no\r\nB: c\r\nx-canary: yes\r\n"))
    for other in [
      "", "X-Canary: Yes\r\n", "X-Canary: yes1\r\n", "X-Canary: ye\r\n", "X-Can: yes\r\n",
    ] {
      #expect(!matches(header, other))
    }
  }

  @Test func `a cookie matches by its name, and without a value by any`() {
    #expect(matches(cookie, "Cookie: a=b; canary=\r\n"))
    #expect(matches(cookie, "Cookie: canary=1\r\n"))
    #expect(!matches(cookie, "Cookie: CANARY=1; xcanary=2\r\n"))
    #expect(
      !matches(VersionMatch(.cookie(Array("canary".utf8)), value: [0x31]), "Cookie: canary=2\r\n"))
  }
}
