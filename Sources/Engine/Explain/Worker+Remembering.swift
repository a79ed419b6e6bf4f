import Balancing
import Primitives
import Proxying
import Topology
import Wire

/// What a worker keeps of its requests for `ballast explain`.
extension Worker {
  /// To be called once for each request that a server or our own error answered, before it is
  /// forgotten.
  mutating func remember(_ client: Int, _ duration: TimeSpan) {
    let identifier = clients[client].request.identifier
    // Bytes that were no request never got one.
    guard identifier.high != 0 || identifier.low != 0 else { return }
    let end: RequestTries.End =
      clients[client].request.reason != nil && !clients[client].request.exchange.isTunnel
      ? .failed : clients[client].request.status > 0 ? .answered : .abandoned
    clients[client].request.tries.finish(end, after: duration)
    var record = RequestRecord(client: clients[client].peer)
    record.identifier = identifier
    record.began = clients[client].request.began
    record.duration = duration
    record.topologyVersion = clients[client].request.snapshot.version
    record.method = clients[client].request.method
    record.requestBytes =
      Int64(clients[client].request.headBytes) &+ clients[client].request.bodyBytes
    record.listener = clients[client].listener
    record.route = clients[client].request.route.map {
      clients[client].request.snapshot.routes[$0].id
    }
    record.service = clients[client].request.service?.id
    record.key = clients[client].request.choice.key
    record.session = clients[client].request.choice.session
    record.tries = clients[client].request.tries
    record.status = clients[client].request.status
    record.reason = clients[client].request.reason
    record.answerBytes = clients[client].request.answerBytes
    let bytes = unsafe clients[client].askedHead
    let span = unsafe Span<UInt8>(_unsafeBytes: bytes)
    if let parts = Self.requestLine(span) {
      record.target = RequestText(span, parts.target)
      record.host = RequestText(span, parts.host)
    }
    remembered.append(record)
  }

  /// How the try at a server ended; the first word on it holds.
  mutating func note(_ client: Int, _ server: Int, _ end: RequestTries.End) {
    clients[client].request.tries.ended(
      server, end, after: now - clients[client].request.began)
  }

  func search(_ identifier: ForwardedRequest.Identifier) -> RequestSearch {
    RequestSearch(
      worker: number, record: remembered.find(identifier), kept: remembered.count,
      oldest: remembered.oldest)
  }
}
