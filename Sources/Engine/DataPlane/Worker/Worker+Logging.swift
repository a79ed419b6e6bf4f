import Compression
import Configuration
import EventLoop
import Primitives
import Proxying
import TLS
import Topology
import Tracing
import Wire

/// One line of the access log for each request.
extension Worker {
  /// - Parameter latency: the duration, but of a tunnel what its beginning took.
  mutating func logRequest(_ client: Int, _ duration: TimeSpan, latency: TimeSpan) {
    guard let style = accessLog?.format.style else { return }
    var drawnShare: Double?
    if let sampling = accessLog?.sampling {
      let (status, reason) = (clients[client].request.status, clients[client].request.reason)
      if !sampling.isNotable(status: status, reason: reason, latency: latency) {
        guard takesDrawn(sampling) else { return }
        drawnShare = sampling.share
      }
    }
    writer.removeAll()
    switch style {
    case .json: writeJSON(client, duration, drawnShare)
    case .combined: writeCombined(client)
    case .template(let segments): writeTemplate(client, segments, duration)
    }
    writer.append(UInt8(ascii: "\n"))
    if writer.overflowed {
      accessLog?.lose()
    } else {
      unsafe accessLog?.append(writer.bytes, now: now)
    }
  }

  /// Whether what is nothing special has a line.
  mutating func takesDrawn(_ sampling: AccessLogSampling) -> Bool {
    if sampling.isDrawn(&random) { return true }
    unsampledLines &+= 1
    return false
  }

  /// Durations are milliseconds with three places.
  /// - Parameter share: of those that are like it and have a line; nil where all have.
  private mutating func writeJSON(_ client: Int, _ duration: TimeSpan, _ share: Double?) {
    writer.append("{\"time\":\"")
    logClock.appendTimestamp(Clock.wallTime, to: &writer)
    writer.append("\",\"listener\":\"")
    if let place = listenerPlace(client) { writer.append(snapshot.listeners[place].name) }
    writer.append("\",\"client\":\"")
    clients[client].peer.append(to: &writer)
    writeRequestLine(client)
    if let tls = security(of: client) { writeSecurity(tls) }
    writer.append(",\"status\":")
    writer.append(decimal: clients[client].request.status)
    if let reason = clients[client].request.reason {
      writer.append(",\"reason\":\"")
      writer.append(reason)
      writer.append("\"")
    }
    if let excess { excess.append(to: &writer) }
    if let route = clients[client].request.route {
      writer.append(",\"route\":\"")
      writer.append(clients[client].request.snapshot.routes[route].name)
      writer.append("\"")
    }
    if let service = clients[client].request.service {
      writer.append(",\"service\":\"")
      writer.append(service.name)
      writer.append("\"")
      if let server = clients[client].request.lastServer {
        writer.append(",\"server\":\"")
        writer.append(servers[server].name)
        writer.append("\"")
      }
    }
    writer.append(",\"retries\":")
    writer.append(decimal: clients[client].request.exchange.retries)
    writer.append(",\"requestBytes\":")
    writer.append(decimal: requestBytes(client))
    writer.append(",\"answerBytes\":")
    writer.append(decimal: Int(clients[client].request.answerBytes))
    if let encoder = encoder(of: client) {
      writer.append(",\"encoding\":\"")
      writer.append(encoder.coding.name)
      writer.append("\",\"serverBytes\":")
      writer.append(decimal: Int(encoder.inputBytes))
    }
    writeTimers(timers(client))
    writer.append(",\"total\":")
    writer.append(milliseconds: duration)
    writer.append(",\"requestId\":\"")
    writeIdentifier(clients[client].request.identifier)
    writer.append("\"")
    if let share { writeShare(share) }
    if traces != nil, let trace = traces?.mark(of: client)?.trace {
      writer.append(",\"traceId\":\"")
      writeIdentifier(.init(high: trace.high, low: trace.low))
      writer.append("\"")
    }
    if keepsLoggedFields { writeFields(client) }
    writer.append("}")
  }

  /// As a fraction of at most nine places, so that each line stands for one over it.
  mutating func writeShare(_ share: Double) {
    writer.append(",\"sampled\":")
    let billionths = Int((share * 1e9).rounded())
    writer.append(decimal: billionths / 1_000_000_000)
    let places = billionths % 1_000_000_000
    guard places > 0 else { return }
    writer.append(".")
    for group in [places / 1_000_000, places / 1_000 % 1_000, places % 1_000] {
      writer.append(threeDigits: group)
    }
  }

  mutating func writeIdentifier(_ identifier: ForwardedRequest.Identifier) {
    writer.append(hexadecimal: identifier.high, padded: true)
    writer.append(hexadecimal: identifier.low, padded: true)
  }

  private mutating func writeTimers(_ timers: LogTimers) {
    if let span = timers.queue {
      writer.append(",\"queue\":")
      writer.append(milliseconds: span)
    }
    if let span = timers.connect {
      writer.append(",\"connect\":")
      writer.append(milliseconds: span)
    }
    if let span = timers.response {
      writer.append(",\"response\":")
      writer.append(milliseconds: span)
    }
  }

  private mutating func writeFields(_ client: Int) {
    guard let format = accessLog?.format else { return }
    let requestCount = format.requestFields.count
    writeFields(client, ",\"requestHeaders\":{", format.requestFields, from: 0)
    writeFields(client, ",\"responseHeaders\":{", format.responseFields, from: requestCount)
  }

  /// Those that the head had.
  private mutating func writeFields(
    _ client: Int, _ opening: StaticString, _ names: [[UInt8]], from first: Int
  ) {
    guard let number = accessLog?.number else { return }
    var isFirst = true
    for (index, name) in names.enumerated() {
      let range = clients[client].logged.range(of: first + index, log: number)
      guard let range, !range.isEmpty else { continue }
      writer.append(isFirst ? opening : ",")
      isFirst = false
      writer.append("\"")
      writer.append(name)
      writer.append("\":\"")
      writeField(client, first + index, .json, orElse: "")
      writer.append("\"")
    }
    if !isFirst { writer.append("}") }
  }

  /// Method, target and host, as they came but for the path's canonical form.
  private mutating func writeRequestLine(_ client: Int) {
    let bytes = unsafe askedHead(client)
    writer.append("\"")
    let span = unsafe Span<UInt8>(_unsafeBytes: bytes)
    guard let parts = Self.requestLine(span) else { return }
    writer.append(",\"method\":\"")
    writer.append(.json, span, parts.method)
    writer.append("\",\"target\":\"")
    writer.append(.json, span, parts.target)
    writer.append("\",\"host\":\"")
    writer.append(.json, span, parts.host)
    writer.append("\"")
  }

  /// What is known by the end of a handshake, or by where it failed.
  private mutating func writeSecurity(_ tls: TLSSession) {
    if tls.isEstablished {
      if let version = tls.version {
        writer.append(",\"tlsVersion\":\"")
        writer.append(version.name)
        writer.append("\"")
      }
      if let cipher = tls.cipher {
        writer.append(",\"tlsCipher\":\"")
        writer.append(cipher.name)
        writer.append("\"")
      }
    }
    let (name, subject) = (tls.serverName, tls.peerSubject)
    if !name.isEmpty {
      writer.append(",\"serverName\":\"")
      writer.append(.json, name.span, 0..<name.count)
      writer.append("\"")
    }
    if !subject.isEmpty {
      writer.append(",\"clientSubject\":\"")
      writer.append(.json, subject.span, 0..<subject.count)
      writer.append("\"")
    }
  }

  /// `CLIENT - - [TIME] "METHOD TARGET HTTP/1.x" STATUS BYTES "REFERER" "USER-AGENT"`: what tools for
  /// Apache's combined format read.
  private mutating func writeCombined(_ client: Int) {
    clients[client].peer.append(to: &writer)
    writer.append(" - - [")
    logClock.appendCommon(Clock.wallTime, to: &writer)
    writer.append("] \"")
    let bytes = unsafe askedHead(client)
    let span = unsafe Span<UInt8>(_unsafeBytes: bytes)
    if let parts = Self.requestLine(span) {
      writer.append(.plain, span, parts.method)
      writer.append(UInt8(ascii: " "))
      writer.append(.plain, span, parts.target)
      writer.append(Octets.space)
      writer.append(httpVersion(client))
    }
    writer.append("\" ")
    writer.append(decimal: clients[client].request.status)
    writer.append(UInt8(ascii: " "))
    writer.append(decimal: Int(clients[client].request.answerBytes))
    for field in 0..<2 {
      writer.append(" \"")
      writeField(client, field, .plain, orElse: "-")
      writer.append("\"")
    }
  }

  /// Head and body.
  mutating func requestBytes(_ client: Int) -> Int {
    clients[client].request.headBytes &+ Int(clients[client].request.bodyBytes)
  }

  /// What compressed the answer.
  mutating func encoder(of client: Int) -> Encoder? {
    clients[client].request.compression.encoder.flatMap { encoders[$0] }
  }

  mutating func listenerPlace(_ client: Int) -> Int? {
    let index = clients[client].listener.index
    guard index < listenerPlaces.count, listenerPlaces[index] >= 0 else { return nil }
    return listenerPlaces[index]
  }

  /// `METHOD TARGET HTTP/1.1 CRLF Host: HOST CRLF`, as `ForwardedRequest` writes it.
  static func requestLine(
    _ bytes: Span<UInt8>
  ) -> (method: Range<Int>, target: Range<Int>, host: Range<Int>)? {
    guard let methodEnd = bytes.firstIndex(of: Octets.space, from: 0),
      let targetEnd = bytes.firstIndex(of: Octets.space, from: methodEnd + 1),
      let lineEnd = bytes.firstIndex(of: Octets.lineFeed, from: targetEnd)
    else { return nil }
    // Behind "Host: ".
    let host = lineEnd + 7
    guard let hostEnd = bytes.firstIndex(of: Octets.carriageReturn, from: host) else { return nil }
    return (0..<methodEnd, methodEnd + 1..<targetEnd, host..<hostEnd)
  }
}

/// Where a request's time went, as far as it got: waiting for a server, connecting, and waiting for
/// the answer's head.
struct LogTimers {
  var queue: TimeSpan?
  var connect: TimeSpan?
  var response: TimeSpan?
}

extension Worker {
  mutating func timers(_ client: Int) -> LogTimers {
    var timers = LogTimers()
    let tryBegan = clients[client].request.tryBegan
    guard tryBegan != .zero else { return timers }
    timers.queue = tryBegan - clients[client].request.began
    let connected = clients[client].request.connected
    guard connected != .zero else { return timers }
    timers.connect = connected - tryBegan
    let answerBegan = clients[client].request.answerBegan
    guard answerBegan != .zero else { return timers }
    timers.response = answerBegan - connected
    return timers
  }
}
