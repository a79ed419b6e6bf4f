public import Primitives
public import Routing
public import Wire

/// Answers of a route that asks no server: redirects and fixed answers.
public enum DirectAnswer {
  public struct Form: Sendable {
    /// HEAD: no body, but its length.
    public var isHead: Bool
    public var keepsConnection: Bool
    public var isOldClient: Bool
    /// The whole line of Strict-Transport-Security; empty for none.
    public var strictTransport: [UInt8] = []

    public init(isHead: Bool, keepsConnection: Bool, isOldClient: Bool) {
      self.isHead = isHead
      self.keepsConnection = keepsConnection
      self.isOldClient = isOldClient
    }
  }

  /// - Returns: whether the location is one to send a client to: not another host's by a request's
  ///   own doing.
  public static func write(
    _ redirect: Redirect, _ edits: FieldEdits, _ values: RequestValues, form: Form,
    _ head: RequestHead, _ bytes: Span<UInt8>, captures: inout CaptureRun,
    to writer: inout ByteWriter
  ) -> Bool {
    writeStatus(redirect.status, to: &writer)
    writer.append("Location: ")
    let start = writer.count
    values.write(redirect.location, head, bytes, captures: &captures, to: &writer)
    if redirect.isLocal {
      if writer.count == start { writer.append(Octets.slash) }
      guard unsafe isLocal(writer.bytes, from: start) else { return false }
    }
    writer.append("\r\nContent-Length: 0\r\n")
    edits.write(values, head, bytes, captures: &captures, to: &writer)
    finish(form, to: &writer)
    return true
  }

  public static func write(
    _ answer: FixedAnswer, _ edits: FieldEdits, _ values: RequestValues, form: Form,
    _ head: RequestHead, _ bytes: Span<UInt8>, captures: inout CaptureRun,
    to writer: inout ByteWriter
  ) {
    writeStatus(answer.status, to: &writer)
    if !FixedAnswer.bodiless.contains(answer.status) {
      if !answer.body.isEmpty, !edits.drops("content-type") {
        writer.append("Content-Type: ")
        writer.append(answer.contentType)
        writer.append("\r\n")
      }
      writer.append("Content-Length: ")
      writer.append(decimal: answer.body.count)
      writer.append("\r\n")
    } else if answer.status == 205 {
      writer.append("Content-Length: 0\r\n")
    }
    edits.write(values, head, bytes, captures: &captures, to: &writer)
    finish(form, to: &writer)
    if !form.isHead { writer.append(answer.body) }
  }

  private static func writeStatus(_ status: Int, to writer: inout ByteWriter) {
    writer.append("HTTP/1.1 ")
    writer.append(decimal: status)
    writer.append(Octets.space)
    writer.append(phrase(status))
    writer.append("\r\n")
  }

  private static func finish(_ form: Form, to writer: inout ByteWriter) {
    if !form.keepsConnection {
      writer.append("Connection: close\r\n")
    } else if form.isOldClient {
      writer.append("Connection: keep-alive\r\n")
    }
    writer.append(form.strictTransport)
    writer.append("Via: 1.1 ballast\r\n\r\n")
  }

  /// `//host` and `/\host` are other hosts to a browser.
  private static func isLocal(_ bytes: UnsafeRawBufferPointer, from start: Int) -> Bool {
    guard start < bytes.count, unsafe bytes[start] == Octets.slash else { return false }
    guard start + 1 < bytes.count else { return true }
    let second = unsafe bytes[start + 1]
    return second != Octets.slash && second != UInt8(ascii: "\\")
  }

  /// RFC 9110 section 15; what is not here has no phrase, which is allowed.
  private static func phrase(_ status: Int) -> StaticString {
    switch status {
    case 200: "OK"
    case 201: "Created"
    case 202: "Accepted"
    case 204: "No Content"
    case 205: "Reset Content"
    case 301: "Moved Permanently"
    case 302: "Found"
    case 303: "See Other"
    case 304: "Not Modified"
    case 307: "Temporary Redirect"
    case 308: "Permanent Redirect"
    case 400: "Bad Request"
    case 401: "Unauthorized"
    case 403: "Forbidden"
    case 404: "Not Found"
    case 405: "Method Not Allowed"
    case 410: "Gone"
    case 418: "I'm a teapot"
    case 421: "Misdirected Request"
    case 429: "Too Many Requests"
    case 451: "Unavailable For Legal Reasons"
    case 500: "Internal Server Error"
    case 501: "Not Implemented"
    case 502: "Bad Gateway"
    case 503: "Service Unavailable"
    default: ""
    }
  }
}
