/// The heads of answers.
extension AdminConnection {
  /// The page takes its scripts, style, picture and data from here and nothing from elsewhere, is in no
  /// frame, and never makes markup or code of a text.
  private static let contentPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    + "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
    + "require-trusted-types-for 'script'; trusted-types 'none'"

  func headBytes(_ answer: AdminAnswer, length: Int?) -> [UInt8] {
    var lines = "HTTP/1.1 \(answer.status) \(StatusText.of(answer.status))\r\n"
    lines += "Content-Type: \(answer.contentType)\r\n"
    if let length {
      lines += "Content-Length: \(length)\r\n"
    } else if isChunked {
      lines += "Transfer-Encoding: chunked\r\n"
    } else {
      keepsAlive = false
    }
    for header in answer.headers { lines += "\(header.name): \(header.value)\r\n" }
    if !answer.headers.contains(where: { $0.name == "Cache-Control" }) {
      lines += "Cache-Control: no-store\r\n"
    }
    lines += """
      Content-Security-Policy: \(Self.contentPolicy)\r
      X-Content-Type-Options: nosniff\r
      X-Frame-Options: DENY\r
      Referrer-Policy: no-referrer\r

      """
    if !keepsAlive { lines += "Connection: close\r\n" }
    return Array((lines + "\r\n").utf8)
  }
}
