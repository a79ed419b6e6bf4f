import Testing
import Wire

@Suite struct HeadLimitTests {
  private func outcome(_ text: String) -> Outcome { RequestHead.reading(text).outcome }

  private func head(fields: Int) -> String {
    let others = (1..<fields).map { "X-\($0): y\r\n" }.joined()
    return "GET / HTTP/1.1\r\nHost: a\r\n" + others + "\r\n"
  }

  /// A head of exactly so many bytes.
  private func head(bytes: Int) -> String {
    let start = "GET / HTTP/1.1\r\nHost: a\r\nX: "
    return start + String(repeating: "y", count: bytes - start.utf8.count - 4) + "\r\n\r\n"
  }

  @Test func `one hundred and twenty-eight fields are taken, one more is not`() {
    #expect(outcome(head(fields: 128)) == .complete)
    #expect(outcome(head(fields: 129)) == .refused(.tooManyFields))
    #expect(outcome(head(fields: 4_000)) == .refused(.tooManyFields))
  }

  @Test func `a head of the greatest size is taken, one byte more is not`() {
    #expect(outcome(head(bytes: HeadLimits.bytes)) == .complete)
    #expect(outcome(head(bytes: HeadLimits.bytes + 1)) == .refused(.headTooLarge))
    #expect(outcome(head(bytes: 3 * HeadLimits.bytes)) == .refused(.headTooLarge))
  }

  @Test func `bytes behind the head do not count`() {
    let text = head(bytes: HeadLimits.bytes) + String(repeating: "b", count: 100_000)
    #expect(outcome(text) == .complete)
  }

  @Test func `an unfinished head is refused when it can't become a whole one`() {
    let bytes = Array(head(bytes: HeadLimits.bytes + 10).utf8)
    var unfinished = RequestHead()
    #expect(unfinished.outcome(Array(bytes.prefix(HeadLimits.bytes - 1))) == .incomplete)
    let outcomeAtLimit = unfinished.outcome(Array(bytes.prefix(HeadLimits.bytes)))
    #expect(outcomeAtLimit == .refused(.headTooLarge))
    #expect(outcome(String(repeating: "M", count: HeadLimits.bytes)) == .refused(.headTooLarge))
    let name = "GET / HTTP/1.1\r\n" + String(repeating: "n", count: HeadLimits.bytes)
    #expect(outcome(name) == .refused(.headTooLarge))
  }

  @Test func `a target of the greatest length is taken, one byte more is not`() {
    let path = "/" + String(repeating: "p", count: HeadLimits.targetBytes - 1)
    #expect(outcome("GET \(path) HTTP/1.1\r\nHost: a\r\n\r\n") == .complete)
    #expect(outcome("GET \(path)p HTTP/1.1\r\nHost: a\r\n\r\n") == .refused(.targetTooLong))
    #expect(outcome("GET \(path)p") == .refused(.targetTooLong))
  }

  @Test func `all Connection fields together have a greatest size`() {
    let list = String(repeating: "a,", count: HeadLimits.connectionBytes / 4)
    let two = "GET / HTTP/1.1\r\nHost: a\r\nConnection: \(list)\r\nConnection: \(list)"
    #expect(outcome(two + "\r\n\r\n") == .complete)
    #expect(outcome(two + ",\r\n\r\n") == .refused(.badConnectionOption))
    #expect(outcome(two + "\r\nConnection: b\r\n\r\n") == .refused(.badConnectionOption))
  }

  @Test func `an answer's head has the same limits`() {
    var head = ResponseHead()
    let start = "HTTP/1.1 200 OK\r\nX: "
    let filler = String(repeating: "y", count: HeadLimits.bytes - start.utf8.count - 4)
    #expect(head.outcome(Array((start + filler + "\r\n\r\n").utf8)) == .complete)
    #expect(head.outcome(Array((start + filler + "y\r\n\r\n").utf8)) == .refused(.headTooLarge))
    let reason = "HTTP/1.1 200 " + String(repeating: "r", count: HeadLimits.bytes)
    #expect(head.outcome(Array(reason.utf8)) == .refused(.headTooLarge))
    let fields = String(repeating: "X: y\r\n", count: 129)
    #expect(head.outcome(Array(("HTTP/1.1 200\r\n" + fields).utf8)) == .refused(.tooManyFields))
  }
}
