import Balancing
import EventLoop
import Primitives
import Proxying
import Telemetry
import Topology
import Wire

/// From a TCP client to a stream that looks for a server.
extension Worker {
  mutating func adoptStream(
    _ descriptor: Int32, _ peer: SocketAddress, _ index: Int, _ listener: Listener
  ) {
    let connection = StreamConnection(
      descriptor: descriptor, listener: listener.id, kind: listener.kind, peer: peer, now: now)
    guard let stream = streams.insert(connection) else {
      StreamSocket.close(descriptor)
      return
    }
    let token = Token(.streamClient, index: stream, generation: streams.generation(stream))
    guard poller.watchConnection(descriptor, token: token.rawValue) >= 0 else {
      streams.remove(stream)
      StreamSocket.close(descriptor)
      return
    }
    listeners[index].open += 1
    streamDeadlines.set(stream, now + listeners[index].policy.headTime)
    if let proxies = listener.proxies {
      guard !ProxyTrust.isTrusted(peer, by: proxies) else {
        streams[stream].phase = .proxyHeader
        return
      }
      streams[stream].isSuspect = true
    }
    beginStream(stream)
  }

  /// The client is known; the service may still have to be found out.
  mutating func beginStream(_ stream: Int) {
    switch streams[stream].kind {
    case .tcp(let service): beginStream(stream, at: service)
    case .tlsPassthrough: streams[stream].phase = .hello
    case .http, .udp: preconditionFailure("such a listener has no streams")
    }
  }

  /// - Parameter index: of the service in the snapshot.
  mutating func beginStream(_ stream: Int, at index: Int?) {
    // The listener's word is as old as its connection, the snapshot may be newer.
    guard let index, snapshot.services.indices.contains(index) else {
      report(stream: stream, .prefaceBroken(.noRoute))
      return
    }
    let service = snapshot.services[index]
    let id = service.id.index
    streams[stream].service = service
    streams[stream].series = streamStatistics.place(streams[stream].listener, service.id)
    streams[stream].machine.begin(policy: service.retries)
    if service.timeouts.total > .zero {
      streams[stream].totalDeadline = now + service.timeouts.total
    }
    services[id].counters.requests &+= 1
    services[id].counters.inflight += 1
    services[id].budget.countRequest(now)
    let address = streams[stream].address
    if case .hash(let policy) = service.algorithm {
      streams[stream].choice.key = RequestKeyHash.hash(
        policy.keys, client: address, now: Clock.wallTime)
    }
    if service.stickiness != nil {
      let session = services[id].sessions.begin(client: address, secret: sessionKey, now: now)
      streams[stream].session = session
      streams[stream].choice.session = session.server
    }
    if isLineEmpty(streams[stream].choice, id) {
      chooseStreamServer(stream)
    } else {
      enqueueStream(stream)
    }
  }

  // MARK: Events

  mutating func streamClientReady(_ stream: Int, _ readiness: Readiness) {
    streams[stream].relay.note(.first, readiness)
    if streams[stream].relay.first.error != 0 {
      report(stream: stream, .broke(.client))
      return
    }
    switch streams[stream].phase {
    case .proxyHeader, .hello: readPreface(stream)
    case .queued, .backoff, .connecting: break
    case .relaying: relay(stream)
    }
  }

  /// Tells the machine what happened and does what it says.
  mutating func report(stream: Int, _ event: StreamMachine.Event) {
    let action: StreamMachine.Action
    if let service = streams[stream].service {
      action = streams[stream].machine.handle(
        event, budget: &services[service.id.index].budget, random: &random, now: now)
    } else {
      var none = RetryBudget(share: 0)
      action = streams[stream].machine.handle(event, budget: &none, random: &random, now: now)
    }
    switch action {
    case .none: break
    case .tryAgain(let wait):
      if let service = streams[stream].service {
        services[service.id.index].counters.retriesAfterConnectFailure &+= 1
      }
      leaveStreamServer(stream, withReset: false)
      guard wait > .zero else {
        chooseStreamServer(stream)
        return
      }
      streams[stream].phase = .backoff
      armStream(stream, wait)
    case .relay: beginRelaying(stream)
    case .end(let end): endStream(stream, end)
    }
  }

  /// Sets the deadline of the present phase; zero means none but that of the whole stream.
  mutating func armStream(_ stream: Int, _ span: TimeSpan) {
    let deadline = span == .zero ? Instant.distantFuture : now + span
    streamDeadlines.set(stream, min(deadline, streams[stream].totalDeadline))
  }

  mutating func streamExpired(_ stream: Int) {
    if now >= streams[stream].totalDeadline {
      report(stream: stream, .timedOut(.total))
      return
    }
    switch streams[stream].phase {
    case .proxyHeader, .hello: report(stream: stream, .timedOut(.preface))
    case .queued:
      if let service = streams[stream].service {
        services[service.id.index].counters.shedQueueTimeout &+= 1
      }
      report(stream: stream, .timedOut(.queue))
    case .backoff: chooseStreamServer(stream)
    case .connecting:
      noteStreamFailure(stream, .timeout, "no connection in time")
      report(stream: stream, .timedOut(.connect))
    case .relaying: relayExpired(stream)
    }
  }

  /// The stream's end, however it came to it.
  private mutating func endStream(_ stream: Int, _ end: StreamEnd) {
    let service = streams[stream].service
    let id = streams[stream].listener
    if let service {
      let index = service.id.index
      if streams[stream].phase == .queued { leaveStreamLine(stream, index) }
      services[index].counters.inflight -= 1
      if end.reason.isFailure { services[index].counters.failures &+= 1 }
      if streams[stream].connected != .zero {
        let wait = streams[stream].connected - streams[stream].began
        services[index].counters.latencies.record(wait)
      }
    }
    streamStatistics.ended(
      streams[stream].series ?? streamStatistics.place(id, nil), end.reason)
    logStream(stream, end.reason)
    streams[stream].relay.release(&pipes)
    leaveStreamServer(stream, withReset: end.resets && end.reason != .serverReset)
    if let index = listeners.firstIndex(where: { $0.id == id }) { listeners[index].open -= 1 }
    let isReset = end.resets && end.reason != .clientReset && end.reason != .clientLeft
    if isReset {
      StreamSocket.closeWithReset(streams[stream].client)
    } else {
      StreamSocket.close(streams[stream].client)
    }
    streamDeadlines.clear(stream)
    streams.remove(stream)
  }
}
