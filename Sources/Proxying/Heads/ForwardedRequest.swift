public import Primitives
public import Routing
public import Topology
import Tracing
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

  /// What a route changes, and what its templates are filled in with.
  public struct Edits: Sendable {
    public var route: RouteEdits
    public var values: RequestValues

    public init(route: RouteEdits, values: RequestValues) {
      self.route = route
      self.values = values
    }
  }

  /// Without a route's changes.
  public static func write(
    _ head: RequestHead, _ bytes: Span<UInt8>, peer: PeerText, isTrusted: Bool = false,
    isSecure: Bool = false, identifier: Identifier, defaultHost: [UInt8], unmarksTags: Bool = false,
    to writer: inout ByteWriter
  ) {
    var captures = CaptureRun()
    write(
      head, bytes, peer: peer, isTrusted: isTrusted, isSecure: isSecure, identifier: identifier,
      defaultHost: defaultHost, edits: nil, unmarksTags: unmarksTags, captures: &captures,
      to: &writer)
  }

  /// - Parameters:
  ///   - peer: the other end of the connection.
  ///   - isTrusted: whether that is a proxy whose word about the client counts.
  ///   - isSecure: whether the client speaks TLS.
  ///   - defaultHost: stands in when an HTTP/1.0 client named no host; the service's name.
  ///   - edits: nil changes nothing.
  ///   - unmarksTags: whether entity tags may be ours, of encoded answers.
  ///   - trace: nil lets a client's own go on, if it is sound.
  /// - Returns: whether the path that the server gets is in canonical form; it always is when no route
  ///   rewrites it.
  @discardableResult
  public static func write(
    _ head: RequestHead, _ bytes: Span<UInt8>, peer: PeerText, isTrusted: Bool, isSecure: Bool,
    identifier: Identifier, defaultHost: [UInt8], edits: Edits?, unmarksTags: Bool,
    asksForTrailers: Bool = false, trace: Trace? = nil, captures: inout CaptureRun,
    to writer: inout ByteWriter
  ) -> Bool {
    var isSound = true
    // Of most requests there are none, which is asked once.
    let route = edits?.route
    writer.append(bytes, head.methodRange)
    writer.append(Octets.space)
    if let path = route?.rewrittenPath, let edits {
      isSound = writeRewritten(path, head, bytes, edits, captures: &captures, to: &writer)
    } else {
      writeTarget(head, bytes, to: &writer)
    }
    writer.append(" HTTP/1.1\r\nHost: ")
    if let host = route?.rewrittenHost, let edits {
      edits.values.write(host, head, bytes, captures: &captures, to: &writer)
    } else {
      writeHost(head, bytes, defaultHost, to: &writer)
    }
    writer.append("\r\n")
    let passing = Passing(isTrusted: isTrusted, trace: trace)
    if unmarksTags {
      writeFieldsUnmarked(head, bytes, route?.request, passing, to: &writer)
    } else {
      writeFields(head, bytes, route?.request, passing, to: &writer)
    }
    if let route, let edits {
      route.request.write(edits.values, head, bytes, captures: &captures, to: &writer)
    }
    writeFraming(head.framing, to: &writer)
    if asksForTrailers { writer.append("TE: trailers\r\n") }
    if !head.upgradeRange.isEmpty { SwitchedProtocol.write(bytes, head.upgradeRange, to: &writer) }
    if isTrusted {
      TrustedFields.write(
        head, bytes, peer: peer, isSecure: isSecure, identifier: identifier,
        defaultHost: defaultHost, to: &writer)
    } else {
      writer.append("X-Forwarded-For: ")
      peer.append(to: &writer)
      writer.append(
        isSecure
          ? "\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: "
          : "\r\nX-Forwarded-Proto: http\r\nX-Forwarded-Host: ")
      writeHost(head, bytes, defaultHost, to: &writer)
      writer.append("\r\nX-Request-Id: ")
      identifier.append(to: &writer)
    }
    if let trace { write(trace.context, to: &writer) }
    writer.append(via(head))
    return isSound
  }

  /// Of what `via` says, whatever the version.
  static let viaBytes = 22

  /// The version in which the request came (RFC 9110 section 7.6.3), and the head's end.
  private static func via(_ head: RequestHead) -> StaticString {
    if head.isFromHTTP2 { return "\r\nVia: 2.0 ballast\r\n\r\n" }
    return head.isOldVersion
      ? "\r\nVia: 1.0 ballast\r\n\r\n" : "\r\nVia: 1.1 ballast\r\n\r\n"
  }

  /// The line and the host of a request before a route rewrites them, as a head of its own: what logs
  /// and answers' fields speak of.
  public static func writeAsked(
    _ head: RequestHead, _ bytes: Span<UInt8>, defaultHost: [UInt8], to writer: inout ByteWriter
  ) {
    writer.append(bytes, head.methodRange)
    writer.append(Octets.space)
    writeTarget(head, bytes, to: &writer)
    writer.append(" HTTP/1.1\r\nHost: ")
    writeHost(head, bytes, defaultHost, to: &writer)
    writer.append("\r\n\r\n")
  }

  /// - Returns: whether it is in canonical form: what was matched is what the server sees.
  private static func writeRewritten(
    _ path: TextTemplate, _ head: RequestHead, _ bytes: Span<UInt8>, _ edits: Edits,
    captures: inout CaptureRun, to writer: inout ByteWriter
  ) -> Bool {
    // `*` of OPTIONS is no path.
    if !head.pathRange.isEmpty, bytes[head.pathRange.lowerBound] != Octets.slash {
      writeTarget(head, bytes, to: &writer)
      return true
    }
    let start = writer.count
    edits.values.write(path, head, bytes, captures: &captures, to: &writer)
    if writer.count == start { writer.append(Octets.slash) }
    let written = writer.count
    writer.append(bytes, head.pathRange.upperBound..<head.targetRange.upperBound)
    guard path.isOpen(path: edits.route.path), !writer.overflowed else { return true }
    let all = unsafe writer.bytes
    return CanonicalPath.isCanonical(unsafe Span<UInt8>(_unsafeBytes: all), start..<written)
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

  static func writeHost(
    _ head: RequestHead, _ bytes: Span<UInt8>, _ defaultHost: [UInt8], to writer: inout ByteWriter
  ) {
    if head.hostRange.isEmpty {
      writer.append(defaultHost)
    } else {
      writer.append(bytes, head.hostRange)
    }
  }

  private static func writeFields(
    _ head: RequestHead, _ bytes: Span<UInt8>, _ edits: FieldEdits?, _ passing: Passing,
    to writer: inout ByteWriter
  ) {
    guard let edits else {
      FieldLines.write(head.fields, bytes, headCount: head.count, to: &writer) { index in
        stays(head, bytes, index, passing)
      }
      return
    }
    FieldLines.write(head.fields, bytes, headCount: head.count, to: &writer) { index in
      stays(head, bytes, index, passing) && !edits.drops(bytes, head.fields[index].nameRange)
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
    _ head: RequestHead, _ bytes: Span<UInt8>, _ edits: FieldEdits?, _ passing: Passing,
    to writer: inout ByteWriter
  ) {
    func stays(_ index: Int) -> Bool {
      Self.stays(head, bytes, index, passing)
        && edits?.drops(bytes, head.fields[index].nameRange) != true
    }
    FieldLines.write(head.fields, bytes, headCount: head.count, to: &writer) { index in
      stays(index) && !CodedEntityTag.mayHoldMarks(bytes, head.fields[index].nameRange)
    }
    for index in 0..<head.fields.count where stays(index) {
      let field = head.fields[index]
      guard CodedEntityTag.mayHoldMarks(bytes, field.nameRange) else { continue }
      writer.append(bytes, field.nameRange)
      writer.append(": ")
      CodedEntityTag.writeList(bytes, field.valueRange, to: &writer)
      writer.append("\r\n")
    }
  }

  /// What decides about fields that are not for everybody.
  private struct Passing: OptionSet {
    let rawValue: UInt8
    /// The client is a proxy whose word counts · a traceparent of ours comes in place of the client's ·
    /// and its tracestate goes on.
    static let trusted = Passing(rawValue: 1)
    static let traced = Passing(rawValue: 2)
    static let continued = Passing(rawValue: 4)

    init(rawValue: UInt8) { self.rawValue = rawValue }

    init(isTrusted: Bool, trace: Trace?) {
      self = isTrusted ? .trusted : []
      if let trace { insert(trace.isContinued ? [.traced, .continued] : .traced) }
    }
  }

  private static func stays(
    _ head: RequestHead, _ bytes: Span<UInt8>, _ index: Int, _ passing: Passing
  ) -> Bool {
    let field = head.fields[index]
    switch field.name {
    case .host, .connection, .keepAlive, .proxyConnection, .te, .trailer, .upgrade,
      .contentLength, .transferEncoding, .xForwardedFor, .xForwardedProto, .xForwardedHost,
      .xRequestID, .underscored,
      // Only our own copies of requests bear it.
      .ballastMirror:
      return false
    case .forwarding: return passing.contains(.trusted)
    case .expect:
      // On HTTP/1.0 it means nothing (RFC 9110 section 10.1.1); the server would take it at its word.
      return !head.isOldVersion
    case .traceparent:
      return !passing.contains(.traced) && TraceContext(head, bytes) != nil
    case .tracestate:
      // One part of a trace without the other says nothing (W3C Trace Context section 3.3).
      let goesOn =
        passing.contains(.traced)
        ? passing.contains(.continued) : TraceContext(head, bytes) != nil
      return goesOn && !isNamed(head, bytes, index)
    case .other, .date, .cookie: return !isNamed(head, bytes, index)
    default: return true
    }
  }

  /// Whether a Connection field makes it one of this hop only.
  static func isNamed(_ head: RequestHead, _ bytes: Span<UInt8>, _ index: Int) -> Bool {
    head.connection.namesFields
      && ConnectionNames.contain(head.fields, bytes, head.fields[index].nameRange)
  }
}

extension ForwardedRequest.Identifier {
  func append(to writer: inout ByteWriter) {
    writer.append(hexadecimal: high, padded: true)
    writer.append(hexadecimal: low, padded: true)
  }
}
