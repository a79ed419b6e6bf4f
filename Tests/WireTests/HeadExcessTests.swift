import Testing
import Wire

@Suite struct HeadExcessTests {
  /// Limit, most, seen and the field's name, of a head that is refused.
  private func excess(
    _ text: String, _ allowance: HeadAllowance = HeadAllowance()
  ) -> (HeadExcess, String)? {
    let bytes = Array(text.utf8)
    var head = RequestHead()
    head.allowance = allowance
    do {
      _ = try head.read(bytes.span)
      return nil
    } catch {
      return head.excess(error, bytes.span).map {
        ($0, String(decoding: bytes[$0.field], as: UTF8.self))
      }
    }
  }

  @Test func `the field at which a head got too large is named`() throws {
    let long = "GET / HTTP/1.1\r\nHost: a\r\nX-Long: " + String(repeating: "a", count: 5_000)
    for text in [long, long + "\r\n\r\n"] {
      let (excess, field) = try #require(self.excess(text, HeadAllowance(bytes: 4_096)))
      #expect(excess.limit == .bytes && excess.most == 4_096 && excess.seen == text.utf8.count)
      #expect(field == "X-Long")
    }
  }

  @Test func `the first field too many is named`() throws {
    let fields = (1...20).map { "X-\($0): a\r\n" }.joined()
    let (excess, field) = try #require(
      self.excess("GET / HTTP/1.1\r\n\(fields)\r\n", HeadAllowance(fields: 10)))
    #expect(excess.limit == .fields && excess.most == 10 && excess.seen == 11)
    #expect(field == "X-11")
  }

  @Test func `a long target is no field's fault`() throws {
    let path = "/" + String(repeating: "p", count: HeadLimits.targetBytes + 10)
    let (excess, field) = try #require(self.excess("GET \(path) HTTP/1.1\r\n\r\n"))
    #expect(excess.limit == .target && excess.seen == path.utf8.count && field == "")
    let method = try #require(self.excess(String(repeating: "M", count: 70_000)))
    #expect(method.0.limit == .bytes && method.1 == "")
  }

  @Test func `the field of the head before is not named`() throws {
    var head = RequestHead()
    _ = try head.read(Array("GET / HTTP/1.1\r\nHost: a\r\nX-Before: a\r\n\r\n".utf8).span)
    let bytes = [UInt8](repeating: UInt8(ascii: "M"), count: 70_000)
    #expect(throws: HeadError.headTooLarge) { _ = try head.read(bytes.span) }
    let field = head.excess(.headTooLarge, bytes.span)?.field
    #expect(field == 0..<0)
  }

  @Test func `other mistakes go beyond no limit`() {
    #expect(excess("GET / HTTP/1.1\r\nBad Name: a\r\n\r\n") == nil)
  }
}
