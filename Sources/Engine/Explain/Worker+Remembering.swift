import Balancing
import Primitives
import Proxying
import Topology
import Wire

/// What a worker keeps of its requests for `ballast explain`.
extension Worker {
  /// To be called once for each request that a server or our own error answered, before it is
  /// forgotten.
  /// - Returns: where it is kept; nil for bytes that were no request.
  mutating func remember(_ client: Int, _ duration: TimeSpan) -> Int? {
    let identifier = clients[client].request.identifier
    // Bytes that were no request never got one.
    guard identifier.high != 0 || identifier.low != 0 else { return nil }
    let end: RequestTries.End =
      clients[client].request.reason != nil && !clients[client].request.exchange.isTunnel
      ? .failed : clients[client].request.status > 0 ? .answered : .abandoned
    clients[client].request.tries.finish(end, after: duration)
    // Field by field: neither a request nor a record is copied whole.
    let place = remembered.take()
    remembered[place].client = clients[client].peer
    remembered[place].listener = clients[client].listener
    remembered[place].identifier = identifier
    remembered[place].trace = traces == nil ? nil : traces?.mark(of: client)?.trace
    remembered[place].began = clients[client].request.began
    remembered[place].duration = duration
    remembered[place].topologyVersion = clients[client].request.snapshot.version
    remembered[place].method = clients[client].request.method
    remembered[place].requestBytes =
      Int64(clients[client].request.headBytes) &+ clients[client].request.bodyBytes
    remembered[place].route = clients[client].request.route.map {
      clients[client].request.snapshot.routes[$0].id
    }
    remembered[place].service = clients[client].request.service?.id
    remembered[place].key = clients[client].request.choice.key
    remembered[place].session = clients[client].request.choice.session
    remembered[place].tries = clients[client].request.tries
    remembered[place].status = clients[client].request.status
    remembered[place].reason = clients[client].request.reason
    remembered[place].answerBytes = clients[client].request.answerBytes
    let bytes = unsafe askedHead(client)
    let span = unsafe Span<UInt8>(_unsafeBytes: bytes)
    let line = Self.requestLine(span)
    remembered[place].target.set(span, line?.target ?? 0..<0)
    remembered[place].host.set(span, line?.host ?? 0..<0)
    return place
  }

  mutating func noteTry(_ client: Int, _ server: Int, isHedge: Bool, isReused: Bool) {
    if traces != nil, clients[client].request.tries.isFull { keepTry(client) }
    clients[client].request.tries.began(
      server, isHedge: isHedge, isReused: isReused, after: now - clients[client].request.began)
  }

  /// The connection that a try waited for stands.
  mutating func noteConnected(_ client: Int, _ upstream: Int) {
    clients[client].request.tries.connected(
      upstreams[upstream].server, after: now - clients[client].request.began)
  }

  /// How the try at a server ended; the first word on it holds.
  mutating func note(_ client: Int, _ server: Int, _ end: RequestTries.End) {
    clients[client].request.tries.ended(
      server, end, after: now - clients[client].request.began)
  }

  mutating func search(_ identifier: ForwardedRequest.Identifier) -> RequestSearch {
    RequestSearch(
      worker: number, record: remembered.find(identifier), kept: remembered.count,
      oldest: remembered.oldest)
  }
}
