public import Primitives
public import Wire

/// Writes the head of a request as it goes to a server (RFC 9110 section 7.6): hop-by-hop fields
/// out, forwarding fields in, everything else as it came.
public enum ForwardedRequest {
  /// 128 random bits, for X-Request-Id.
  public struct Identifier: Sendable {
    public var high: UInt64
    public var low: UInt64

    public init(high: UInt64, low: UInt64) {
      self.high = high
      self.low = low
    }
  }

  /// - Parameters:
  ///   - defaultHost: stands in when an HTTP/1.0 client named no host; the service's name.
  ///   - unmarksTags: whether entity tags may be ours, of encoded answers.
  public static func write(
    _ head: RequestHead, _ bytes: Span<UInt8>, peer: PeerText, identifier: Identifier,
    defaultHost: [UInt8], unmarksTags: Bool = false, to writer: inout ByteWriter
  ) {
    writer.append(bytes, head.methodRange)
    writer.append(Octets.space)
    writeTarget(head, bytes, to: &writer)
    writer.append(" HTTP/1.1\r\nHost: ")
    writeHost(head, bytes, defaultHost, to: &writer)
    writer.append("\r\n")
    if unmarksTags {
      writeFieldsUnmarked(head, bytes, to: &writer)
    } else {
      writeFields(head, bytes, to: &writer)
    }
    writeFraming(head.framing, to: &writer)
    if !head.upgradeRange.isEmpty { SwitchedProtocol.write(bytes, head.upgradeRange, to: &writer) }
    writer.append("X-Forwarded-For: ")
    peer.append(to: &writer)
    writer.append("\r\nX-Forwarded-Proto: http\r\nX-Forwarded-Host: ")
    writeHost(head, bytes, defaultHost, to: &writer)
    writer.append("\r\nX-Request-Id: ")
    writer.append(hexadecimal: identifier.high, padded: true)
    writer.append(hexadecimal: identifier.low, padded: true)
    writer.append(
      head.isOldVersion ? "\r\nVia: 1.0 ballast\r\n\r\n" : "\r\nVia: 1.1 ballast\r\n\r\n")
  }

  /// `http://host` and `http://host?query` have no path: `/` is meant (RFC 9112 section 3.2.1),
  /// or `*` for OPTIONS (section 3.2.4).
  private static func writeTarget(
    _ head: RequestHead, _ bytes: Span<UInt8>, to writer: inout ByteWriter
  ) {
    if head.pathRange.isEmpty {
      writer.append(head.method == .options && head.targetRange.isEmpty ? "*" : "/")
    }
    writer.append(bytes, head.targetRange)
  }

  private static func writeHost(
    _ head: RequestHead, _ bytes: Span<UInt8>, _ defaultHost: [UInt8], to writer: inout ByteWriter
  ) {
    if head.hostRange.isEmpty {
      writer.append(defaultHost)
    } else {
      writer.append(bytes, head.hostRange)
    }
  }

  private static func writeFields(
    _ head: RequestHead, _ bytes: Span<UInt8>, to writer: inout ByteWriter
  ) {
    FieldLines.write(head.fields, bytes, headCount: head.count, to: &writer) { index in
      stays(head, bytes, index)
    }
  }

  /// In our own words: a tab around a length or a zero before it are right, but not every server
  /// reads them as we do.
  private static func writeFraming(_ framing: MessageFraming, to writer: inout ByteWriter) {
    switch framing {
    case .none, .untilClose: break
    case .chunked: writer.append("Transfer-Encoding: chunked\r\n")
    case .length(let length):
      writer.append("Content-Length: ")
      writer.append(decimal: Int(length))
      writer.append("\r\n")
    }
  }

  /// With entity tags as the server knows them.
  private static func writeFieldsUnmarked(
    _ head: RequestHead, _ bytes: Span<UInt8>, to writer: inout ByteWriter
  ) {
    FieldLines.write(head.fields, bytes, headCount: head.count, to: &writer) { index in
      stays(head, bytes, index) && !CodedEntityTag.mayHoldMarks(bytes, head.fields[index].nameRange)
    }
    for index in 0..<head.fields.count where stays(head, bytes, index) {
      let field = head.fields[index]
      guard CodedEntityTag.mayHoldMarks(bytes, field.nameRange) else { continue }
      writer.append(bytes, field.nameRange)
      writer.append(": ")
      CodedEntityTag.writeList(bytes, field.valueRange, to: &writer)
      writer.append("\r\n")
    }
  }

  private static func stays(_ head: RequestHead, _ bytes: Span<UInt8>, _ index: Int) -> Bool {
    let field = head.fields[index]
    switch field.name {
    case .host, .connection, .keepAlive, .proxyConnection, .te, .trailer, .upgrade,
      .contentLength, .transferEncoding, .xForwardedFor, .xForwardedProto, .xForwardedHost,
      .xRequestID:
      return false
    case .expect:
      // On HTTP/1.0 it means nothing (RFC 9110 section 10.1.1); the server would take it at its word.
      return !head.isOldVersion
    case .other, .date, .traceparent, .cookie:
      return !head.connection.namesFields
        || !ConnectionNames.contain(head.fields, bytes, field.nameRange)
    default: return true
    }
  }
}
