import Testing
import Wire

@Suite struct KeepAliveFieldTests {
  @Test(
    arguments: [
      ("timeout=5", 5), ("max=100, Timeout=72", 72), ("timeout=0", 0), ("timeout=99999", 99_999),
      ("timeout=100000", nil), ("timeout=", nil), ("timeout=5s", nil), ("timeout=-1", nil),
      ("max=100", nil), ("", nil),
    ] as [(String, Int?)])
  func `the time that a server announces is read, and nothing else`(value: String, seconds: Int?) {
    var head = ResponseHead()
    let text = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nKeep-Alive: \(value)\r\n\r\n"
    #expect(head.outcome(Array(text.utf8)) == .complete)
    #expect(head.keepAliveSeconds == seconds)
    #expect(head.outcome(Array("HTTP/1.1 204 No Content\r\n\r\n".utf8)) == .complete)
    #expect(head.keepAliveSeconds == nil)
  }
}
