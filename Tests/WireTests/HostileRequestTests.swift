import Testing
import Wire

/// A head that must be refused, with the error that says why.
private struct Bad: CustomTestStringConvertible {
  var text: String
  var error: HeadError

  /// A whole head.
  init(_ error: HeadError, _ text: String) {
    self.text = text
    self.error = error
  }

  /// A head that is good but for these fields.
  init(_ error: HeadError, fields: String, version: String = "1.1") {
    self.init(error, "POST / HTTP/\(version)\r\nHost: a\r\n\(fields)\r\n\r\n")
  }

  var testDescription: String { "\(error): \(text.debugDescription)" }
}

private let badFraming: [Bad] = [
  Bad(.lengthAndEncoding, fields: "Content-Length: 5\r\nTransfer-Encoding: chunked"),
  Bad(.lengthAndEncoding, fields: "Transfer-Encoding: chunked\r\nContent-Length: 0"),
  Bad(.badTransferEncoding, fields: "Transfer-Encoding: xchunked"),
  Bad(.badTransferEncoding, fields: "Transfer-Encoding: chunked, identity"),
  Bad(.badTransferEncoding, fields: "Transfer-Encoding: gzip, chunked"),
  Bad(.badTransferEncoding, fields: "Transfer-Encoding: identity"),
  Bad(.badTransferEncoding, fields: "Transfer-Encoding:"),
  Bad(.badTransferEncoding, fields: "Transfer-Encoding: chunked,"),
  Bad(.badTransferEncoding, fields: "Transfer-Encoding: \"chunked\""),
  Bad(.badTransferEncoding, fields: "Transfer-Encoding: chunked;q=1"),
  Bad(.badTransferEncoding, fields: "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked"),
  Bad(.badTransferEncoding, fields: "Transfer-Encoding: chunked\r\nTransfer-Encoding: x"),
  Bad(.badFieldValue, fields: "Transfer-Encoding: \u{B}chunked"),
  Bad(.badFieldValue, fields: "Transfer-Encoding: chunked\u{C}"),
  Bad(.badFieldValue, fields: "Transfer-Encoding: chunked\u{0}"),
  Bad(.encodingOnOldVersion, fields: "Transfer-Encoding: chunked", version: "1.0"),
  Bad(.severalContentLengths, fields: "Content-Length: 5\r\nContent-Length: 5"),
  Bad(.severalContentLengths, fields: "Content-Length: 5\r\nX: y\r\ncontent-length: 6"),
  Bad(.badContentLength, fields: "Content-Length: 5, 6"),
  Bad(.badContentLength, fields: "Content-Length: 5, 5"),
  Bad(.badContentLength, fields: "Content-Length:"),
  Bad(.badContentLength, fields: "Content-Length: +5"),
  Bad(.badContentLength, fields: "Content-Length: -5"),
  Bad(.badContentLength, fields: "Content-Length: 0x5"),
  Bad(.badContentLength, fields: "Content-Length: 1_0"),
  Bad(.badContentLength, fields: "Content-Length: 1 0"),
  Bad(.badContentLength, fields: "Content-Length: 5.0"),
  Bad(.badContentLength, fields: "Content-Length: \u{0661}"),
  Bad(.badContentLength, fields: "Content-Length: 9223372036854775808"),
  Bad(.badContentLength, fields: "Content-Length: 18446744073709551621"),
  Bad(.badContentLength, fields: "Content-Length: 99999999999999999999999999"),
  Bad(.badConnectionOption, fields: "Connection: Transfer-Encoding"),
  Bad(.badConnectionOption, fields: "Connection: close, CONTENT-LENGTH"),
  Bad(.badConnectionOption, fields: "Connection: close\r\nConnection: host"),
  Bad(.unsupportedExpectation, fields: "Expect: 200-ok"),
  Bad(.unsupportedExpectation, fields: "Expect: 100-continue, 100-continue"),
  Bad(.unsupportedExpectation, fields: "Expect:"),
]

private let badSyntax: [Bad] = [
  Bad(.badLineEnd, "GET / HTTP/1.1\nHost: a\n\n"),
  Bad(.badLineEnd, "GET / HTTP/1.1\r\nHost: a\n\r\n"),
  Bad(.badLineEnd, "GET / HTTP/1.1\r\nHost: a\r\n\n"),
  Bad(.badLineEnd, "GET / HTTP/1.1\r\nHost: a\r\n\rX"),
  Bad(.badLineEnd, "GET / HTTP/1.1\rHost: a\r\n\r\n"),
  Bad(.badLineEnd, "GET / HTTP/1.1\r\nHost: a\rb\r\n\r\n"),
  Bad(.badLineEnd, "GET / HTTP/1.1\r\nHost: a\r\nX: y\r\r\n\r\n"),
  Bad(.badLineEnd, "GET / HTTP/1.1 \r\nHost: a\r\n\r\n"),
  Bad(.foldedField, fields: "X: a\r\n b"),
  Bad(.foldedField, fields: "X: a\r\n\tb"),
  Bad(.foldedField, "GET / HTTP/1.1\r\n Host: a\r\n\r\n"),
  Bad(.badFieldName, fields: "X : a"),
  Bad(.badFieldName, fields: "X\t: a"),
  Bad(.badFieldName, fields: ": a"),
  Bad(.badFieldName, fields: "X(: a"),
  Bad(.badFieldName, fields: "X\u{0}: a"),
  Bad(.badFieldName, fields: "\u{E9}: a"),
  Bad(.badFieldName, fields: "no colon"),
  Bad(.badFieldName, fields: "nocolon"),
  Bad(.badFieldValue, fields: "X: \u{0}"),
  Bad(.badFieldValue, fields: "X: a\u{1B}[0m"),
  Bad(.badFieldValue, fields: "X: \u{7F}"),
  Bad(.badRequestLine, "\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}\u{0}\u{1}\u{FC}"),
  Bad(.badRequestLine, " GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
  Bad(.badRequestLine, "\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"),
  Bad(.badRequestLine, "\rGET / HTTP/1.1\r\nHost: a\r\n\r\n"),
  Bad(.badRequestLine, "\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"),
  Bad(.badRequestLine, "G(T / HTTP/1.1\r\nHost: a\r\n\r\n"),
  Bad(.badRequestLine, "GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n"),
  Bad(.badRequestLine, "GET\r\n\r\n"),
  Bad(.badTarget, "GET /\r\n"),
  Bad(.badTarget, "GET  / HTTP/1.1\r\nHost: a\r\n\r\n"),
  Bad(.badTarget, "GET\u{20}\r\n\r\n"),
  Bad(.badTarget, "GET /a\tb HTTP/1.1\r\nHost: a\r\n\r\n"),
  Bad(.badTarget, "GET /#f HTTP/1.1\r\nHost: a\r\n\r\n"),
  Bad(.badTarget, "GET /\u{E9} HTTP/1.1\r\nHost: a\r\n\r\n"),
  Bad(.badTarget, "GET /\u{7F} HTTP/1.1\r\nHost: a\r\n\r\n"),
  Bad(.badTarget, "GET /\u{0} HTTP/1.1\r\nHost: a\r\n\r\n"),
  Bad(.badTarget, "GET * HTTP/1.1\r\nHost: a\r\n\r\n"),
  Bad(.badTarget, "OPTIONS *x HTTP/1.1\r\nHost: a\r\n\r\n"),
  Bad(.badTarget, "GET a/b HTTP/1.1\r\nHost: a\r\n\r\n"),
  Bad(.badTarget, "GET ?q HTTP/1.1\r\nHost: a\r\n\r\n"),
  Bad(.badTarget, "GET http:// HTTP/1.1\r\nHost: a\r\n\r\n"),
  Bad(.badTarget, "GET http:///p HTTP/1.1\r\nHost: a\r\n\r\n"),
  Bad(.badTarget, "GET http://u@b/ HTTP/1.1\r\nHost: a\r\n\r\n"),
  Bad(.badTarget, "GET https://b/ HTTP/1.1\r\nHost: a\r\n\r\n"),
  Bad(.badTarget, "GET ftp://b/ HTTP/1.1\r\nHost: a\r\n\r\n"),
  Bad(.badVersion, "GET / b HTTP/1.1\r\nHost: a\r\n\r\n"),
  Bad(.badVersion, "GET /  HTTP/1.1\r\nHost: a\r\n\r\n"),
  Bad(.badVersion, "GET / http/1.1\r\nHost: a\r\n\r\n"),
  Bad(.badVersion, "GET / HTTP/1.10\r\nHost: a\r\n\r\n"),
  Bad(.badVersion, "GET / HTTP/11\r\n\r\nHost: a\r\n\r\n"),
  Bad(.badVersion, "GET / HTTP/1,1\r\nHost: a\r\n\r\n"),
  Bad(.badVersion, "GET / HTTP/x.1\r\nHost: a\r\n\r\n"),
  Bad(.badVersion, "GET / \r\nHost: a\r\n\r\n"),
  Bad(.unsupportedVersion, "GET / HTTP/1.2\r\nHost: a\r\n\r\n"),
  Bad(.unsupportedVersion, "GET / HTTP/0.9\r\nHost: a\r\n\r\n"),
  Bad(.unsupportedVersion, "GET / HTTP/2.0\r\nHost: a\r\n\r\n"),
  Bad(.unsupportedVersion, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
  Bad(.traceRefused, "TRACE / HTTP/1.1\r\nHost: a\r\n\r\n"),
  Bad(.traceRefused, "trace / HTTP/1.1\r\nHost: a\r\n\r\n"),
  Bad(.connectRefused, "CONNECT b:443 HTTP/1.1\r\nHost: b:443\r\n\r\n"),
]

private let badHosts: [Bad] =
  [
    Bad(.missingHost, "GET / HTTP/1.1\r\n\r\n"),
    Bad(.missingHost, "GET http://b/ HTTP/1.1\r\nX: y\r\n\r\n"),
    Bad(.severalHosts, "GET / HTTP/1.1\r\nHost: a\r\nhOST: a\r\n\r\n"),
    Bad(.severalHosts, "GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n"),
    Bad(.badFieldValue, "GET / HTTP/1.1\r\nHost: a\u{1}\r\n\r\n"),
    Bad(.badHost, "GET http://b/ HTTP/1.1\r\nHost: a/b\r\n\r\n"),
  ]
  + [
    "", "a/b", "u@a", "a b", "a,b", "a:123456", "a:8o", "a:80:80", ":80", "[::1", "::1", "[]",
    "[::g]", "[::1]x", "a%41", "a?b", "a#b", "a\\b", "a\"b", "<a>", "\u{E9}",
    String(repeating: "a", count: 262),
  ].map { Bad(.badHost, "GET / HTTP/1.1\r\nHost: \($0)\r\n\r\n") }

@Suite struct HostileRequestTests {
  /// What stands behind a refused head never makes it good, and no beginning of it is taken.
  private func expectRefusal(_ bad: Bad) {
    let bytes = Array(bad.text.utf8)
    var head = RequestHead()
    #expect(head.outcome(bytes) == .refused(bad.error))
    for count in 0..<bytes.count {
      let outcome = head.outcome(Array(bytes[..<count]))
      #expect(outcome == .incomplete || outcome == .refused(bad.error), "\(count) bytes")
    }
    #expect(head.outcome(bytes + Array("X\r\n\r\n".utf8)) == .refused(bad.error))
  }

  @Test(arguments: badFraming)
  private func `a body whose length is in doubt is refused`(bad: Bad) { expectRefusal(bad) }

  @Test(arguments: badSyntax)
  private func `a head of broken syntax is refused`(bad: Bad) { expectRefusal(bad) }

  @Test(arguments: badHosts)
  private func `a head without one valid host is refused`(bad: Bad) { expectRefusal(bad) }

  @Test func `a control byte is refused at every place of a value`() {
    for control in (UInt8(0)..<32).filter({ $0 != 9 }) + [127] {
      for place in 0..<20 {
        var value = [UInt8](repeating: UInt8(ascii: "v"), count: 20)
        value[place] = control
        let bytes =
          Array("GET / HTTP/1.1\r\nHost: a\r\nX: ".utf8) + value + Array("\r\n\r\n".utf8)
        var head = RequestHead()
        let expected: HeadError = control == 10 || control == 13 ? .badLineEnd : .badFieldValue
        #expect(head.outcome(bytes) == .refused(expected), "\(control) at \(place)")
      }
    }
  }

  @Test func `high bytes and tabs are fine at every place of a value`() {
    for byte in [UInt8(9), 0x80, 0xA0, 0xFF, 0x20, 0x7E] {
      for place in 0..<20 {
        var value = [UInt8](repeating: UInt8(ascii: "v"), count: 20)
        value[place] = byte
        let bytes =
          Array("GET / HTTP/1.1\r\nHost: a\r\nX: ".utf8) + value + Array("\r\n\r\n".utf8)
        var head = RequestHead()
        #expect(head.outcome(bytes) == .complete, "\(byte) at \(place)")
      }
    }
  }

  @Test func `every refusal has a status of the client's fault or ours, and a reason`() {
    var reasons = Set<String>()
    for raw in UInt8(0)...255 {
      guard let error = HeadError(rawValue: raw) else { break }
      #expect([400, 405, 414, 417, 431, 501, 505].contains(error.status))
      #expect(reasons.insert("\(error.reason)").inserted)
    }
    #expect(reasons.count == 24)
  }
}
