public import Primitives
public import Routing
public import Wire

/// What the variables of templates stand for beside the head itself.
public struct RequestValues: Sendable {
  public var peer: PeerText
  public var identifier: ForwardedRequest.Identifier
  public var listener: String
  public var route: String
  /// Empty without one.
  public var service: String
  /// Known with the answer only.
  public var server: [UInt8]
  /// Of the route.
  public var path: PathPattern
  /// Whether the client speaks TLS, and the subject of its certificate.
  public var isSecure = false
  public var subject: [UInt8] = []

  public init(
    peer: PeerText, identifier: ForwardedRequest.Identifier, listener: String, route: String,
    service: String, server: [UInt8] = [], path: PathPattern
  ) {
    self.peer = peer
    self.identifier = identifier
    self.listener = listener
    self.route = route
    self.service = service
    self.server = server
    self.path = path
  }

  /// Writes a template straight to where it goes. Nothing that it writes has a line break: the reader of
  /// heads takes none, and the configuration has none in names.
  public func write(
    _ template: TextTemplate, _ head: RequestHead, _ bytes: Span<UInt8>,
    captures: inout CaptureRun, to writer: inout ByteWriter
  ) {
    for part in template.parts {
      switch part {
      case .text(let text): writer.append(text)
      case .variable(let variable):
        write(variable, head, bytes, captures: &captures, to: &writer)
      }
    }
  }

  private func write(
    _ variable: TextTemplate.Variable, _ head: RequestHead, _ bytes: Span<UInt8>,
    captures: inout CaptureRun, to writer: inout ByteWriter
  ) {
    switch variable {
    case .client: peer.append(to: &writer)
    case .host: writer.append(bytes, HostSyntax.name(bytes, head.hostRange))
    case .path: writePath(head, head.pathRange, bytes, to: &writer)
    case .uri: writePath(head, head.targetRange, bytes, to: &writer)
    case .query:
      let start = min(head.pathRange.upperBound + 1, head.targetRange.upperBound)
      writer.append(bytes, start..<head.targetRange.upperBound)
    case .method: writer.append(bytes, head.methodRange)
    case .scheme: writer.append(isSecure ? "https" : "http")
    case .subject: writer.append(subject)
    case .listener: writer.append(listener)
    case .route: writer.append(route)
    case .service: writer.append(service)
    case .server: writer.append(server)
    case .requestID:
      writer.append(hexadecimal: identifier.high, padded: true)
      writer.append(hexadecimal: identifier.low, padded: true)
    case .capture(let index):
      if let range = path.capture(index, bytes, head.pathRange, run: &captures) {
        writer.append(bytes, range)
      }
    case .rest: writer.append(bytes, path.rest(bytes, head.pathRange))
    case .header(let name):
      guard let index = head.fields.firstIndex(named: name, bytes) else { return }
      writer.append(bytes, head.fields[index].valueRange)
    case .cookie(let name):
      if let range = CookieField.find(head, bytes, name: name) { writer.append(bytes, range) }
    case .parameter(let name):
      if let range = QueryParameter.find(head, bytes, name: name) { writer.append(bytes, range) }
    }
  }

  private func writePath(
    _ head: RequestHead, _ range: Range<Int>, _ bytes: Span<UInt8>, to writer: inout ByteWriter
  ) {
    if head.pathRange.isEmpty { writer.append(Octets.slash) }
    writer.append(bytes, range)
  }
}

extension FieldEdits {
  /// The lines that are set and added.
  public func write(
    _ values: RequestValues, _ head: RequestHead, _ bytes: Span<UInt8>,
    captures: inout CaptureRun, to writer: inout ByteWriter
  ) {
    for fields in [set, add] {
      for field in fields {
        writer.append(field.name)
        writer.append(": ")
        values.write(field.value, head, bytes, captures: &captures, to: &writer)
        writer.append("\r\n")
      }
    }
  }
}
