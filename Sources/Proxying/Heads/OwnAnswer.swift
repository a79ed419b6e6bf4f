public import Primitives
public import Topology
public import Wire

/// Answers of our own: short, with the reason as a header, as text or JSON, or a page of the user's.
public enum OwnAnswer {
  public struct Form: Sendable {
    public var isJSON: Bool
    /// HEAD: no body, but its length.
    public var isHead: Bool
    public var keepsConnection: Bool
    public var isOldClient: Bool
    /// Seconds after which a client may try again, for 429 and 503 (RFC 9110 section 10.2.3).
    public var retryAfter = 1
    /// The whole line of Strict-Transport-Security; empty for none.
    public var strictTransport: [UInt8] = []

    public init(isJSON: Bool, isHead: Bool, keepsConnection: Bool, isOldClient: Bool) {
      self.isJSON = isJSON
      self.isHead = isHead
      self.keepsConnection = keepsConnection
      self.isOldClient = isOldClient
    }
  }

  /// - Parameter page: what stands in for our own text.
  public static func write(
    status: Int, reason: StaticString, form: Form, page: ErrorPages.Page? = nil,
    to writer: inout ByteWriter
  ) {
    let phrase = phrase(status)
    // {"error":{"code":"…","message":"…"}} or "PHRASE (reason)\n".
    let fixed = form.isJSON ? 34 : 4
    let length = fixed + reason.utf8CodeUnitCount + phrase.utf8CodeUnitCount
    writer.append("HTTP/1.1 ")
    writer.append(decimal: status)
    writer.append(UInt8(ascii: " "))
    writer.append(phrase)
    writer.append("\r\nContent-Type: ")
    if let page {
      writer.append(page.contentType)
    } else {
      writer.append(form.isJSON ? "application/json" : "text/plain; charset=utf-8")
    }
    writer.append("\r\nContent-Length: ")
    writer.append(decimal: page?.body.count ?? length)
    writer.append("\r\nCache-Control: no-store\r\nX-Ballast-Reason: ")
    writer.append(reason)
    if status == 503 || status == 429 {
      writer.append("\r\nRetry-After: ")
      writer.append(decimal: form.retryAfter)
    }
    if status == 405 { writer.append("\r\nAllow: GET, HEAD, POST, PUT, DELETE, OPTIONS, PATCH") }
    if !form.keepsConnection {
      writer.append("\r\nConnection: close")
    } else if form.isOldClient {
      writer.append("\r\nConnection: keep-alive")
    }
    writer.append("\r\n")
    writer.append(form.strictTransport)
    writer.append("Via: 1.1 ballast\r\n\r\n")
    if form.isHead { return }
    if let page {
      writer.append(page.body)
      return
    }
    writer.append(form.isJSON ? "{\"error\":{\"code\":\"" : "")
    writer.append(form.isJSON ? reason : phrase)
    writer.append(form.isJSON ? "\",\"message\":\"" : " (")
    writer.append(form.isJSON ? phrase : reason)
    writer.append(form.isJSON ? "\"}}" : ")\n")
  }

  /// To a call of gRPC: a head that is all there is ("gRPC over HTTP/2", Trailers-Only). It says 200,
  /// since clients of gRPC look at nothing else then.
  public static func writeCall(
    _ status: GRPCStatus, reason: StaticString, form: Form, to writer: inout ByteWriter
  ) {
    writer.append(
      "HTTP/1.1 200 OK\r\nContent-Type: application/grpc\r\nContent-Length: 0\r\nGrpc-Status: ")
    writer.append(decimal: Int(status.rawValue))
    writer.append("\r\nGrpc-Message: ")
    writer.append(reason)
    writer.append("\r\nX-Ballast-Reason: ")
    writer.append(reason)
    if !form.keepsConnection { writer.append("\r\nConnection: close") }
    writer.append("\r\nVia: 1.1 ballast\r\n\r\n")
  }

  private static func phrase(_ status: Int) -> StaticString {
    switch status {
    case 400: "Bad Request"
    case 403: "Forbidden"
    case 404: "Not Found"
    case 405: "Method Not Allowed"
    case 408: "Request Timeout"
    case 413: "Content Too Large"
    case 414: "URI Too Long"
    case 417: "Expectation Failed"
    case 421: "Misdirected Request"
    case 429: "Too Many Requests"
    case 431: "Request Header Fields Too Large"
    case 501: "Not Implemented"
    case 502: "Bad Gateway"
    case 503: "Service Unavailable"
    case 504: "Gateway Timeout"
    case 505: "HTTP Version Not Supported"
    default: "Error"
    }
  }
}
