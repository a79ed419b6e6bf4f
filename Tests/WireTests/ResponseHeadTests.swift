import Testing
import Wire

private struct Good: CustomTestStringConvertible {
  var text: String
  var status: Int
  var reason: String
  var framing: MessageFraming
  var keepsAlive: Bool
  var isHead: Bool

  init(
    _ text: String, _ status: Int, _ reason: String = "", _ framing: MessageFraming,
    keepsAlive: Bool = true, isHead: Bool = false
  ) {
    self.text = text
    self.status = status
    self.reason = reason
    self.framing = framing
    self.keepsAlive = keepsAlive
    self.isHead = isHead
  }

  var testDescription: String { text.debugDescription }
}

private let goodHeads: [Good] = [
  Good("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", 200, "OK", .length(5)),
  Good("HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n", 200, "", .length(0)),
  Good("HTTP/1.1 200\r\nTransfer-Encoding: chunked\r\n\r\n", 200, "", .chunked),
  Good("HTTP/1.1 599 \u{E9}\tx y\r\nContent-Length: 1\r\n\r\n", 599, "\u{E9}\tx y", .length(1)),
  Good("HTTP/1.1 200 OK\r\n\r\n", 200, "OK", .untilClose, keepsAlive: false),
  Good("HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n", 200, "OK", .length(2), keepsAlive: false),
  Good(
    "HTTP/1.0 200 OK\r\nContent-Length: 2\r\nConnection: keep-alive\r\n\r\n", 200, "OK", .length(2)),
  Good(
    "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n", 200, "OK", .length(2),
    keepsAlive: false),
  Good("HTTP/1.1 204 No Content\r\n\r\n", 204, "No Content", .none),
  Good("HTTP/1.1 204 No Content\r\nContent-Length: 9\r\n\r\n", 204, "No Content", .none),
  Good("HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n", 304, "Not Modified", .none),
  Good(
    "HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n", 304, "Not Modified", .none),
  Good("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", 200, "OK", .none, isHead: true),
  Good("HTTP/1.1 200 OK\r\n\r\n", 200, "OK", .none, isHead: true),
  Good("HTTP/1.1 100 Continue\r\n\r\n", 100, "Continue", .none),
  Good("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", 103, "Early Hints", .none),
  Good(
    "HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n", 101, "Switching", .none),
]

private let badHeads: [(HeadError, String)] = [
  (.badStatusLine, "HTTP/2 200 OK\r\n\r\n"), (.badStatusLine, "HTTP/1.2 200 OK\r\n\r\n"),
  (.badStatusLine, "http/1.1 200 OK\r\n\r\n"), (.badStatusLine, "HTTP/1.1  200 OK\r\n\r\n"),
  (.badStatusLine, "HTTP/1.1 099 OK\r\n\r\n"), (.badStatusLine, "HTTP/1.1 600 OK\r\n\r\n"),
  (.badStatusLine, "HTTP/1.1 2x0 OK\r\n\r\n"), (.badStatusLine, "HTTP/1.1 20 OK\r\n\r\n"),
  (.badStatusLine, "HTTP/1.1 2000 OK\r\n\r\n"), (.badStatusLine, "HTTP/1.1 200OK\r\n\r\n"),
  (.badStatusLine, "HTTP/1.1 200 O\u{0}K\r\n\r\n"), (.badStatusLine, "HTTP/1.1 200 O\rK\r\n\r\n"),
  (.badStatusLine, "HTTP/1.1 200 OK\n\r\n"), (.badStatusLine, "HTTP/1.1 200 O\u{7F}\r\n\r\n"),
  (.badStatusLine, "\r\nHTTP/1.1 200 OK\r\n\r\n"), (.badStatusLine, "<html>plaintext</html>"),
  (.badStatusLine, "\u{15}\u{3}\u{1}\u{0}\u{2}\u{2}\u{28}"),
  (.badContentLength, "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n"),
  (.badContentLength, "HTTP/1.1 204 OK\r\nContent-Length: x\r\n\r\n"),
  (.badContentLength, "HTTP/1.1 200 OK\r\nContent-Length: 5, 5\r\n\r\n"),
  (.badContentLength, "HTTP/1.1 200 OK\r\nContent-Length: 9999999999999999999\r\n\r\n"),
  (.severalContentLengths, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n"),
  (
    .lengthAndEncoding, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"
  ),
  (.badTransferEncoding, "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n"),
  (.encodingOnOldVersion, "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"),
  (.badFieldValue, "HTTP/1.1 200 OK\r\nX: a\u{0}b\r\n\r\n"),
  (.badLineEnd, "HTTP/1.1 200 OK\r\nX: a\rSet-Cookie: b\r\n\r\n"),
  (.badLineEnd, "HTTP/1.1 200 OK\r\nX: a\nSet-Cookie: b\r\n\r\n"),
  (.foldedField, "HTTP/1.1 200 OK\r\nX: a\r\n b\r\n\r\n"),
  (.badFieldName, "HTTP/1.1 200 OK\r\nX : a\r\n\r\n"),
  (.badConnectionOption, "HTTP/1.1 200 OK\r\nConnection: content-length\r\n\r\n"),
]

@Suite struct ResponseHeadTests {
  @Test(arguments: goodHeads)
  private func `a good head is read, whole and in every beginning`(good: Good) {
    let bytes = Array(good.text.utf8)
    var head = ResponseHead()
    for count in 0..<bytes.count {
      let outcome = head.outcome(Array(bytes[..<count]), isHead: good.isHead)
      #expect(outcome == .incomplete, "\(count) bytes")
    }
    #expect(head.outcome(bytes + Array("body".utf8), isHead: good.isHead) == .complete)
    #expect(head.status == good.status && head.count == bytes.count)
    #expect(part(good.text, head.reasonRange) == good.reason)
    #expect(head.framing == good.framing)
    #expect(head.keepsAlive == good.keepsAlive)
    #expect(head.isInterim == (good.status == 100 || good.status == 103))
  }

  @Test(arguments: badHeads)
  func `a bad head is refused, whole and never taken in part`(error: HeadError, text: String) {
    let bytes = Array(text.utf8)
    var head = ResponseHead()
    #expect(head.outcome(bytes) == .refused(error))
    for count in 0..<bytes.count {
      let outcome = head.outcome(Array(bytes[..<count]))
      #expect(outcome == .incomplete || outcome == .refused(error), "\(count) bytes")
    }
  }
}
