import Faults
import Primitives
import Proxying
import Topology
import Tracing
import Wire

/// Makes spans of requests. Names are those of OpenTelemetry's semantic conventions for HTTP (1.27) where
/// they have one, and begin with `ballast.` else.
struct SpanMaker {
  let names: TraceNames
  /// The wall clock at the zero of the clock that requests are timed by, in nanoseconds since 1970.
  let epoch: UInt64

  func spans(of request: TracedRequest) -> [TraceSpan] {
    var spans = [whole(request)]
    for (number, wait) in request.mark.waits.all.enumerated() {
      spans.append(
        child(
          request, SpanIdentifier.wait(number), "queue", .internal, began: wait.began,
          ended: wait.ended))
    }
    let tries = request.tries
    for (place, one) in tries.enumerated() {
      // Those that are missing in between had their numbers as well.
      let missing = max(0, Int(request.record.tries.count) - tries.count)
      let number = place == tries.count - 1 ? place + missing : place
      spans.append(attempt(request, one, number, after: place == 0 ? nil : tries[place - 1]))
      if one.waitedForConnection { spans.append(connection(request, one, number)) }
    }
    return spans
  }

  // MARK: The request

  private func whole(_ request: TracedRequest) -> TraceSpan {
    let record = request.record
    let method = Self.method(record.method)
    let route = names.name(record.route?.index, names.routes)
    var span = TraceSpan(
      trace: request.mark.trace, identifier: request.mark.span, parent: request.mark.parent,
      isParentRemote: request.mark.isContinued, flags: request.mark.flags,
      name: (method == "_OTHER" ? "HTTP" : method) + (route.map { " " + $0 } ?? ""),
      kind: .server, began: time(request, 0),
      ended: epoch &+ record.began.nanoseconds
        &+ UInt64(clamping: record.duration.nanoseconds))
    span.attributes = asked(request, method)
    span.attributes += answered(request)
    span.attributes += placed(request, route)
    if request.isFailed {
      let failure = Self.failure(of: request)
      span.failure = failure
      span.attributes.append(.init("error.type", .text(failure)))
    }
    return span
  }

  private func asked(
    _ request: TracedRequest, _ method: String
  ) -> [TraceSpan.Attribute] {
    let record = request.record
    var attributes: [TraceSpan.Attribute] = [
      .init("http.request.method", .text(method)),
      .init("url.scheme", .text(request.isSecure ? "https" : "http")),
      // A query may hold what nobody else is to know.
      .init("url.path", .text(Self.path(record.target.text))),
    ]
    let (host, port) = Self.split(record.host.text)
    if !host.isEmpty { attributes.append(.init("server.address", .text(host))) }
    if let port { attributes.append(.init("server.port", .number(Int64(port)))) }
    attributes.append(.init("client.address", .text(record.client.description)))
    attributes.append(.init("network.protocol.version", .text(request.version.name)))
    return attributes
  }

  private func answered(_ request: TracedRequest) -> [TraceSpan.Attribute] {
    let record = request.record
    var attributes: [TraceSpan.Attribute] = []
    if record.status > 0 {
      attributes.append(.init("http.response.status_code", .number(Int64(record.status))))
    }
    if let status = request.callStatus {
      attributes.append(.init("rpc.system", .text("grpc")))
      attributes.append(.init("rpc.grpc.status_code", .number(Int64(status.rawValue))))
    }
    attributes.append(.init("http.request.size", .number(record.requestBytes)))
    attributes.append(.init("http.response.body.size", .number(record.answerBytes)))
    return attributes
  }

  private func placed(_ request: TracedRequest, _ route: String?) -> [TraceSpan.Attribute] {
    let record = request.record
    var attributes: [TraceSpan.Attribute] = []
    func add(_ name: String, _ text: String?) {
      if let text { attributes.append(.init(name, .text(text))) }
    }
    add("ballast.listener", names.name(record.listener?.index, names.listeners))
    add("ballast.route", route)
    add("ballast.service", names.name(record.service?.index, names.services))
    add("ballast.request_id", record.identifier.text)
    add("ballast.reason", record.reason.map { "\($0)" })
    add("ballast.kept", "\(request.reason.name)")
    if request.isTunnel { attributes.append(.init("ballast.tunnel", .yes(true))) }
    return attributes
  }

  // MARK: Below it

  private func attempt(
    _ request: TracedRequest, _ one: RequestTries.Try, _ number: Int,
    after before: RequestTries.Try?
  ) -> TraceSpan {
    let method = Self.method(request.record.method)
    var span = child(
      request, SpanIdentifier.attempt(number), method == "_OTHER" ? "HTTP" : method, .client,
      began: one.began, ended: one.ended)
    span.attributes = [.init("http.request.method", .text(method))] + place(one)
    span.attributes.append(
      .init("ballast.because", .text(one.because(before, session: request.record.session))))
    span.attributes.append(.init("ballast.end", .text(one.end.text)))
    span.attributes.append(.init("ballast.reused", .yes(one.isReused)))
    if number > 0, !one.isHedge {
      span.attributes.append(.init("http.request.resend_count", .number(Int64(number))))
    }
    if one.status > 0 {
      span.attributes.append(.init("http.response.status_code", .number(Int64(one.status))))
    }
    if let failure = Self.failure(of: one) {
      span.failure = failure
      span.attributes.append(.init("error.type", .text(failure)))
    }
    return span
  }

  private func connection(
    _ request: TracedRequest, _ one: RequestTries.Try, _ number: Int
  ) -> TraceSpan {
    let isMade = one.connected > 0
    var span = child(
      request, SpanIdentifier.connection(of: number), "connect", .internal,
      began: one.began, ended: isMade ? one.connected : one.ended)
    span.parent = SpanIdentifier.child(of: request.mark.span, SpanIdentifier.attempt(number))
    span.attributes = place(one)
    if !isMade {
      span.failure = one.end.text
      span.attributes.append(.init("error.type", .text(one.end.text)))
    }
    return span
  }

  private func place(_ one: RequestTries.Try) -> [TraceSpan.Attribute] {
    let index = Int(one.server)
    guard names.servers.indices.contains(index) else { return [] }
    var attributes: [TraceSpan.Attribute] = [
      .init("ballast.server", .text(names.servers[index].server))
    ]
    guard let address = names.addresses[index] else { return attributes }
    attributes.append(.init("server.address", .text(address.host)))
    if let port = address.port { attributes.append(.init("server.port", .number(Int64(port)))) }
    return attributes
  }

  /// - Parameter span: microseconds since the request began; one that is the wrong way round ends as it
  ///   begins.
  private func child(
    _ request: TracedRequest, _ place: UInt32, _ name: String, _ kind: TraceSpan.Kind,
    began: UInt32, ended: UInt32
  ) -> TraceSpan {
    TraceSpan(
      trace: request.mark.trace,
      identifier: SpanIdentifier.child(of: request.mark.span, place),
      parent: request.mark.span, flags: request.mark.flags, name: name, kind: kind,
      began: time(request, began), ended: time(request, max(began, ended)))
  }

  private func time(_ request: TracedRequest, _ microseconds: UInt32) -> UInt64 {
    epoch &+ request.record.began.nanoseconds &+ UInt64(microseconds) &* 1_000
  }

  // MARK: Words

  private static func failure(of request: TracedRequest) -> String {
    if let reason = request.record.reason { return "\(reason)" }
    if let status = request.callStatus, status != .ok { return "\(status.name)" }
    return request.record.status >= 500 ? "\(request.record.status)" : "cut"
  }

  /// What servers answered to our try that is an error for whoever asks it (OpenTelemetry, "HTTP client
  /// span": 4xx as well).
  private static func failure(of one: RequestTries.Try) -> String? {
    switch one.end {
    case .answered, .overtaken, .abandoned, .underWay: one.status >= 400 ? "\(one.status)" : nil
    case .gatewayError, .grpcStatus: one.status >= 400 ? "\(one.status)" : one.end.text
    default: one.end.text
    }
  }

  private static func method(_ method: Wire.Method) -> String {
    let label = method.label
    return label == "_other" ? "_OTHER" : label
  }

  private static func path(_ target: String) -> String {
    target.firstIndex(of: "?").map { String(target[..<$0]) } ?? target
  }

  /// `shop.example.com:8080`, `[::1]:8080`.
  private static func split(_ host: String) -> (host: String, port: UInt16?) {
    guard let colon = host.lastIndex(of: ":"), !host.hasSuffix("]"),
      let port = UInt16(host[host.index(after: colon)...])
    else { return (host, nil) }
    return (String(host[..<colon]), port)
  }
}

extension TracedRequest.Version {
  fileprivate var name: String {
    switch self {
    case .http10: "1.0"
    case .http11: "1.1"
    case .http2: "2"
    }
  }
}
