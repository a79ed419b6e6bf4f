import Configuration
import EventLoop
import Primitives
import Proxying
import Topology
import Wire

/// One line of the access log for each request.
extension Worker {
  mutating func logRequest(_ client: Int, _ duration: TimeSpan) {
    guard let format = accessLog?.format else { return }
    writer.removeAll()
    switch format {
    case .json: writeJSON(client, duration)
    case .combined: writeCombined(client)
    }
    writer.append(UInt8(ascii: "\n"))
    // A line that does not fit has a head near its limit; it was counted all the same.
    if !writer.overflowed { unsafe accessLog?.append(writer.bytes, now: now) }
  }

  /// Durations are milliseconds with three places.
  private mutating func writeJSON(_ client: Int, _ duration: TimeSpan) {
    let request = clients[client].request
    writer.append("{\"time\":\"")
    logClock.appendTimestamp(Clock.wallTime, to: &writer)
    writer.append("\",\"listener\":\"")
    if let place = listenerPlace(client) { writer.append(snapshot.listeners[place].name) }
    writer.append("\",\"client\":\"")
    clients[client].peer.append(to: &writer)
    writeRequestLine(client)
    writer.append(",\"status\":")
    writer.append(decimal: request.status)
    if let reason = request.reason {
      writer.append(",\"reason\":\"")
      writer.append(reason)
      writer.append("\"")
    }
    if let route = request.route {
      writer.append(",\"route\":\"")
      writer.append(request.snapshot.routes[route].name)
      writer.append("\"")
    }
    if let service = request.service {
      writer.append(",\"service\":\"")
      writer.append(service.name)
      writer.append("\"")
      if let server = request.lastServer {
        writer.append(",\"server\":\"")
        writer.append(servers[server].name)
        writer.append("\"")
      }
    }
    writer.append(",\"retries\":")
    writer.append(decimal: request.exchange.retries)
    writer.append(",\"requestBytes\":")
    writer.append(decimal: request.headBytes + Int(request.bodyBytes))
    writer.append(",\"answerBytes\":")
    writer.append(decimal: Int(request.answerBytes))
    writeTimers(request)
    writer.append(",\"total\":")
    writer.append(milliseconds: duration)
    writer.append(",\"requestId\":\"")
    writer.append(hexadecimal: request.identifier.high, padded: true)
    writer.append(hexadecimal: request.identifier.low, padded: true)
    writer.append("\"}")
  }

  /// Where the time went: waiting for a server, connecting, and the answer's head.
  private mutating func writeTimers(_ request: ActiveRequest) {
    guard request.tryBegan != .zero else { return }
    writer.append(",\"queue\":")
    writer.append(milliseconds: request.tryBegan - request.began)
    guard request.connected != .zero else { return }
    writer.append(",\"connect\":")
    writer.append(milliseconds: request.connected - request.tryBegan)
    guard request.answerBegan != .zero else { return }
    writer.append(",\"response\":")
    writer.append(milliseconds: request.answerBegan - request.connected)
  }

  /// Method, target and host, out of the head that was sent to the server.
  private mutating func writeRequestLine(_ client: Int) {
    let bytes = unsafe clients[client].replay.bytes
    writer.append("\"")
    let span = unsafe Span<UInt8>(_unsafeBytes: bytes)
    guard let parts = Self.requestLine(span) else { return }
    writer.append(",\"method\":\"")
    writer.append(jsonEscaping: span, parts.method)
    writer.append("\",\"target\":\"")
    writer.append(jsonEscaping: span, parts.target)
    writer.append("\",\"host\":\"")
    writer.append(jsonEscaping: span, parts.host)
    writer.append("\"")
  }

  /// `CLIENT - - [TIME] "METHOD TARGET HTTP/1.x" STATUS BYTES "-" "-"`: what tools for Apache's
  /// combined format read.
  private mutating func writeCombined(_ client: Int) {
    let request = clients[client].request
    clients[client].peer.append(to: &writer)
    writer.append(" - - [")
    logClock.appendCommon(Clock.wallTime, to: &writer)
    writer.append("] \"")
    let bytes = unsafe clients[client].replay.bytes
    let span = unsafe Span<UInt8>(_unsafeBytes: bytes)
    if let parts = Self.requestLine(span) {
      writer.append(jsonEscaping: span, parts.method)
      writer.append(UInt8(ascii: " "))
      writer.append(jsonEscaping: span, parts.target)
      writer.append(request.isOldClient ? " HTTP/1.0" : " HTTP/1.1")
    }
    writer.append("\" ")
    writer.append(decimal: request.status)
    writer.append(UInt8(ascii: " "))
    writer.append(decimal: Int(request.answerBytes))
    writer.append(" \"-\" \"-\"")
  }

  private func listenerPlace(_ client: Int) -> Int? {
    let index = clients[client].listener.index
    guard index < listenerPlaces.count, listenerPlaces[index] >= 0 else { return nil }
    return listenerPlaces[index]
  }

  /// `METHOD TARGET HTTP/1.1 CRLF Host: HOST CRLF`, as `ForwardedRequest` writes it.
  static func requestLine(
    _ bytes: Span<UInt8>
  ) -> (method: Range<Int>, target: Range<Int>, host: Range<Int>)? {
    var offset = 0
    func end(_ byte: UInt8) -> Int? {
      var index = offset
      while index < bytes.count, bytes[index] != byte { index += 1 }
      return index < bytes.count ? index : nil
    }
    guard let methodEnd = end(Octets.space) else { return nil }
    offset = methodEnd + 1
    guard let targetEnd = end(Octets.space) else { return nil }
    let target = offset..<targetEnd
    offset = targetEnd
    guard let lineEnd = end(Octets.lineFeed) else { return nil }
    // Behind "Host: ".
    offset = lineEnd + 7
    guard offset < bytes.count, let hostEnd = end(Octets.carriageReturn) else { return nil }
    return (0..<methodEnd, target, offset..<hostEnd)
  }
}
