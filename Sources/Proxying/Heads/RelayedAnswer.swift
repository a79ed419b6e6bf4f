public import Primitives
public import Routing
public import Wire

/// How an answer's body is framed to the client.
public enum AnswerFraming: Sendable, Equatable {
  /// No body, or as many bytes as Content-Length says.
  case asStated
  case chunked
  /// The connection's end is the body's end: an HTTP/1.0 client and no stated length.
  case untilClose

  public init(_ framing: MessageFraming, isOldClient: Bool) {
    switch framing {
    case .none, .length: self = .asStated
    case .chunked, .untilClose: self = isOldClient ? .untilClose : .chunked
    }
  }
}

/// Writes the head of an answer as it goes to the client.
public enum RelayedAnswer {
  /// A final answer, or a 101 that switches to the protocol that was asked for.
  /// - Parameters:
  ///   - cookie: one of ours, beside those that the server sets.
  ///   - coding: what is done to the content.
  ///   - strictTransport: a line in place of the server's of this name; empty for none.
  public static func write(
    _ head: ResponseHead, _ bytes: Span<UInt8>, framing: AnswerFraming, isOldClient: Bool,
    keepsConnection: Bool, cookie: SessionCookie? = nil, coding: AnswerCoding = .none,
    strictTransport: [UInt8] = [], to writer: inout ByteWriter
  ) {
    writeFront(
      head, bytes, framing: framing, isOldClient: isOldClient, keepsConnection: keepsConnection,
      cookie: cookie, coding: coding, edits: nil, strictTransport: strictTransport, to: &writer)
    writeEnd(to: &writer)
  }

  /// The head without its last lines; what a route sets and adds comes between the two.
  /// - Parameters:
  ///   - coding: what is done to the content.
  ///   - edits: leave out fields of the server's.
  ///   - strictTransport: a line in place of the server's of this name; empty for none.
  public static func writeFront(
    _ head: ResponseHead, _ bytes: Span<UInt8>, framing: AnswerFraming, isOldClient: Bool,
    keepsConnection: Bool, cookie: SessionCookie?, coding: AnswerCoding, edits: FieldEdits?,
    strictTransport: [UInt8], to writer: inout ByteWriter
  ) {
    writer.append("HTTP/1.1 ")
    writer.append(decimal: head.status)
    writer.append(Octets.space)
    writer.append(bytes, head.reasonRange)
    writer.append("\r\n")
    let isStrict = !strictTransport.isEmpty
    if coding == .none, !isStrict {
      writeFields(head, bytes, edits, to: &writer)
    } else {
      FieldLines.write(head.fields, bytes, headCount: head.count, to: &writer) { index in
        stays(head, bytes, index) && coding.leaves(head.fields[index], bytes)
          && edits?.drops(bytes, head.fields[index].nameRange) != true
          && !(isStrict
            && bytes.equalsIgnoringCase(
              "strict-transport-security", in: head.fields[index].nameRange))
      }
      coding.write(head, bytes, to: &writer)
      writer.append(strictTransport)
    }
    if framing == .chunked { writer.append("Transfer-Encoding: chunked\r\n") }
    if head.status == 101 {
      SwitchedProtocol.write(bytes, head.upgradeRange, to: &writer)
    } else if !keepsConnection {
      writer.append("Connection: close\r\n")
    } else if isOldClient {
      writer.append("Connection: keep-alive\r\n")
    }
    if let cookie { cookie.write(to: &writer) }
  }

  public static func writeEnd(to writer: inout ByteWriter) {
    writer.append("Via: 1.1 ballast\r\n\r\n")
  }

  /// An interim answer (RFC 9110 section 15.2) with its fields.
  public static func writeInterim(
    _ head: ResponseHead, _ bytes: Span<UInt8>, to writer: inout ByteWriter
  ) {
    writer.append("HTTP/1.1 ")
    writer.append(decimal: head.status)
    writer.append(Octets.space)
    writer.append(bytes, head.reasonRange)
    writer.append("\r\n")
    writeFields(head, bytes, nil, to: &writer)
    writer.append("\r\n")
  }

  private static func writeFields(
    _ head: ResponseHead, _ bytes: Span<UInt8>, _ edits: FieldEdits?, to writer: inout ByteWriter
  ) {
    guard let edits else {
      FieldLines.write(head.fields, bytes, headCount: head.count, to: &writer) { index in
        stays(head, bytes, index)
      }
      return
    }
    FieldLines.write(head.fields, bytes, headCount: head.count, to: &writer) { index in
      stays(head, bytes, index) && !edits.drops(bytes, head.fields[index].nameRange)
    }
  }

  private static func stays(_ head: ResponseHead, _ bytes: Span<UInt8>, _ index: Int) -> Bool {
    let field = head.fields[index]
    switch field.name {
    case .connection, .keepAlive, .proxyConnection, .te, .trailer, .upgrade, .transferEncoding,
      // For a load balancer, and of no use to anybody but the server's owner.
      .endpointLoadMetrics:
      return false
    case .contentLength:
      // RFC 9110 section 8.6: not with 1xx and 204.
      return head.status >= 200 && head.status != 204
    case .other, .setCookie, .forwarding, .underscored, .tracestate:
      return !head.connection.namesFields
        || !ConnectionNames.contain(head.fields, bytes, field.nameRange)
    default: return true
    }
  }
}
