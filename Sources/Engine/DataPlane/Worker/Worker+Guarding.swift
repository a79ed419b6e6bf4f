import EventLoop
import Guarding
import Primitives
import Proxying
import Topology
import Wire

/// What keeps a few clients from being everybody's trouble: who a request is from, and whether it is
/// served.
extension Worker {
  /// Finds whom the request is from, whose head stands in `requestHead`.
  mutating func findClient(_ client: Int, _ bytes: Span<UInt8>) {
    guard clients[client].isTrusted else { return }
    let trusted = listeners[clients[client].place].policy.trustedProxies
    if let forwarded = ForwardedClient(requestHead, bytes, trusted: trusted) {
      clients[client].peer = forwarded.peer
      clients[client].address = forwarded.address
    } else {
      clients[client].peer = clients[client].hop
      clients[client].address = clients[client].source
    }
  }

  /// Whether the request, whose head stands in `requestHead`, is served. If not, it is answered.
  mutating func isAllowed(_ client: Int, _ bytes: Span<UInt8>) -> Bool {
    if clients[client].isTrusted, clients[client].address.isIn(bans) {
      failRequest(client, .banned)
      return false
    }
    if case .length(let count) = requestHead.framing, count > clients[client].request.bodyLimit {
      excess = LimitExcess(body: clients[client].request.bodyLimit, seen: count)
      failRequest(client, .bodyTooLarge)
      return false
    }
    guard guards.limitsRequests, let wait = rateLimit(client, bytes) else { return true }
    statistics.countRateLimited(
      listener: clients[client].listener, route: routeID(client),
      service: clients[client].request.service?.id, method: clients[client].request.method)
    // Rounded up: who comes back then is served.
    let seconds = (wait.milliseconds + 1_000) / 1_000
    failRequest(client, .rateLimited, retryAfter: Int(clamping: seconds))
    return false
  }

  /// - Returns: how long a limit that refuses the request asks to wait.
  private mutating func rateLimit(_ client: Int, _ bytes: Span<UInt8>) -> TimeSpan? {
    let listener = clients[client].listener.index
    guard listener < guards.listeners.count else { return nil }
    if let wait = take(guards.listeners[listener].rates, client, bytes) { return wait }
    guard let route = routeID(client)?.index, route < guards.routes.count else { return nil }
    return take(guards.routes[route], client, bytes)
  }

  private mutating func take(_ tables: [RateTable], _ client: Int, _ bytes: Span<UInt8>)
    -> TimeSpan?
  {
    for table in tables {
      let key = GuardKey.request(
        table.limit.key, requestHead, bytes, client: clients[client].address, secret: sessionKey)
      if let wait = table.take(key, now: now) { return wait }
    }
    return nil
  }

  private mutating func routeID(_ client: Int) -> RouteID? {
    clients[client].request.route.map { clients[client].request.snapshot.routes[$0].id }
  }

  /// Whether the body may have so many bytes more. If not, the request is answered.
  mutating func isWithinLimit(_ client: Int, _ bytes: Int) -> Bool {
    let seen = clients[client].request.bodyBytes &+ Int64(bytes)
    let most = clients[client].request.bodyLimit
    guard seen > most else { return true }
    excess = LimitExcess(body: most, seen: seen)
    report(client, .requestTooLarge)
    excess = nil
    return false
  }

  /// Says once a second which limit requests go beyond.
  mutating func tellExcess(_ client: Int) {
    guard let excess else { return }
    self.excess = nil
    let place = clients[client].place
    guard now - listeners[place].lastExcess >= DataPlaneLimits.limitNoticeGap else { return }
    listeners[place].lastExcess = now
    notices(
      .limitExceeded(clients[client].listener, client: clients[client].peer.description, excess))
  }
}

// MARK: Slow readers

extension Worker {
  /// Begins to watch a client that does not take its answer as fast as it comes.
  mutating func watchWriting(_ client: Int) {
    clients[client].writeWatch = WriteWatch()
    if clients[client].phase == .tunnel { return watchTunnel(client) }
    setWriteDeadline(client, now + DataPlaneLimits.writeProbation)
  }

  /// Whoever holds up a tunnel may have reasons; it is idle then, no more.
  private mutating func watchTunnel(_ client: Int) {
    let idle = clients[client].request.service?.timeouts.idle ?? .zero
    setWriteDeadline(client, idle == .zero ? .distantFuture : now + idle)
  }

  private mutating func setWriteDeadline(_ client: Int, _ deadline: Instant) {
    clientDeadlines.set(client, min(deadline, clients[client].request.totalDeadline))
  }

  /// Time is up for what waits to be sent: looks at what the client's machine has taken since.
  mutating func writeExpired(_ client: Int) {
    if let stream = clients[client].stream { return streamWriteExpired(client, stream) }
    let isInTime = clients[client].phase != .exchange || now < clients[client].request.totalDeadline
    let hasSent = isInTime && flushClient(client)
    guard clients.isUsed(client), clients[client].hasOutput else { return }
    guard isInTime else { return abandon(client) }
    if clients[client].phase == .tunnel { return hasSent ? watchTunnel(client) : abandon(client) }
    let rate = listeners[clients[client].place].answerRate
    let taken = StreamSocket.acknowledged(clients[client].descriptor)
    if let before = clients[client].writeWatch.taken {
      // A unix socket does not tell; what it takes is taken by the client's program soon.
      let bytes = taken < 0 ? (hasSent ? Int.max : 0) : max(0, taken &- before)
      clients[client].writeWatch.due = rate.extended(
        clients[client].writeWatch.due, by: bytes, now: now)
    } else {
      clients[client].writeWatch.due =
        rate.bytesPerSecond > 0
        ? now + max(rate.grace - DataPlaneLimits.writeProbation, .zero) : .distantFuture
    }
    clients[client].writeWatch.taken = taken
    guard clients[client].writeWatch.due > now else {
      listeners[clients[client].place].refused.slow &+= 1
      return abandon(client)
    }
    setWriteDeadline(client, clients[client].writeWatch.due)
  }
}
