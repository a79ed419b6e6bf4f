import Compression
import Configuration
import EventLoop
import Primitives
import Proxying
import TLS
import Topology
import Wire

/// A line in its user's own form. What isn't known is `-`, as in the combined format.
extension Worker {
  mutating func writeTemplate(
    _ client: Int, _ segments: [AccessLogFormat.Segment], _ duration: TimeSpan
  ) {
    for segment in segments {
      switch segment {
      case .text(let text): writer.append(text)
      case .field(let index): writeField(client, index, .plain, orElse: "-")
      case .variable(let variable): writeVariable(client, variable, duration)
      }
    }
  }

  mutating func httpVersion(_ client: Int) -> StaticString {
    if clients[client].stream != nil { return "HTTP/2.0" }
    return clients[client].request.isOldClient ? "HTTP/1.0" : "HTTP/1.1"
  }

  private mutating func writeVariable(
    _ client: Int, _ variable: LogVariable, _ duration: TimeSpan
  ) {
    switch variable {
    case .time: logClock.appendTimestamp(Clock.wallTime, to: &writer)
    case .commonTime: logClock.appendCommon(Clock.wallTime, to: &writer)
    case .client: clients[client].peer.append(to: &writer)
    case .requestId: writeIdentifier(clients[client].request.identifier)
    case .listener: writeText(listenerPlace(client).map { snapshot.listeners[$0].name })
    case .route:
      let snapshot = clients[client].request.snapshot
      writeText(clients[client].request.route.map { snapshot.routes[$0].name })
    case .service: writeText(clients[client].request.service?.name)
    case .server: writeBytes(clients[client].request.lastServer.map { servers[$0].name })
    case .method, .target, .path, .host: writePart(client, variable)
    case .protocol: writer.append(httpVersion(client))
    case .status: writer.append(decimal: clients[client].request.status)
    case .reason: writer.append(clients[client].request.reason ?? "-")
    case .retries: writer.append(decimal: clients[client].request.exchange.retries)
    case .tlsVersion, .tlsCipher, .serverName, .clientSubject: writeSecurity(client, variable)
    case .requestBytes: writer.append(decimal: requestBytes(client))
    case .answerBytes: writer.append(decimal: Int(clients[client].request.answerBytes))
    case .encoding: writer.append(encoder(of: client)?.coding.name ?? "-")
    case .serverBytes:
      let bytes = encoder(of: client)?.inputBytes ?? clients[client].request.answerBytes
      writer.append(decimal: Int(bytes))
    case .queue: writeSpan(timers(client).queue)
    case .connect: writeSpan(timers(client).connect)
    case .response: writeSpan(timers(client).response)
    case .total: writeSpan(duration)
    }
  }

  private mutating func writeSecurity(_ client: Int, _ variable: LogVariable) {
    guard let tls = security(of: client) else {
      writeText(nil)
      return
    }
    switch variable {
    case .tlsVersion: writer.append(tls.version?.name ?? "-")
    case .tlsCipher: writer.append(tls.cipher?.name ?? "-")
    default:
      let text = variable == .serverName ? tls.serverName : tls.peerSubject
      if text.isEmpty { writeText(nil) } else { writer.append(.plain, text.span, 0..<text.count) }
    }
  }

  private mutating func writeText(_ text: String?) { writer.append(text ?? "-") }

  private mutating func writeBytes(_ text: [UInt8]?) { writer.append(text ?? [UInt8(ascii: "-")]) }

  private mutating func writeSpan(_ span: TimeSpan?) {
    guard let span else {
      writer.append("-" as StaticString)
      return
    }
    writer.append(milliseconds: span)
  }

  private mutating func writePart(_ client: Int, _ variable: LogVariable) {
    let bytes = unsafe askedHead(client)
    let span = unsafe Span<UInt8>(_unsafeBytes: bytes)
    guard let parts = Self.requestLine(span) else {
      writeText(nil)
      return
    }
    switch variable {
    case .method: writer.append(.plain, span, parts.method)
    case .host: writer.append(.plain, span, parts.host)
    case .path:
      var end = parts.target.lowerBound
      while end < parts.target.upperBound, span[end] != Octets.questionMark { end += 1 }
      writer.append(.plain, span, parts.target.lowerBound..<end)
    default: writer.append(.plain, span, parts.target)
    }
  }
}
