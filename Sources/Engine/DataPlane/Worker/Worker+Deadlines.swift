import EventLoop
import Primitives
import Proxying
import Topology

/// What happens when time is up.
extension Worker {
  mutating func sweep() {
    resumeAccepting()
    cutFormerListeners()
    expired.removeAll(keepingCapacity: true)
    clientDeadlines.sweep(now: now, into: &expired)
    for client in expired where clients.isUsed(client) { clientExpired(client) }
    expired.removeAll(keepingCapacity: true)
    sessionDeadlines.sweep(now: now, into: &expired)
    for session in expired where sessions.isUsed(session) { sessionExpired(session) }
    expired.removeAll(keepingCapacity: true)
    streamDeadlines.sweep(now: now, into: &expired)
    for stream in expired where streams.isUsed(stream) { streamExpired(stream) }
    expired.removeAll(keepingCapacity: true)
    datagramDeadlines.sweep(now: now, into: &expired)
    for session in expired where datagrams.isUsed(session) { datagramsExpired(session) }
    expired.removeAll(keepingCapacity: true)
    upstreamDeadlines.sweep(now: now, into: &expired)
    for upstream in expired where upstreams.isUsed(upstream) && upstreams[upstream].client == nil {
      if let mirror = upstreams[upstream].mirror {
        mirrorExpired(upstream, mirror)
      } else {
        closeIdle(upstream)
      }
    }
    releaseDrilled()
    expired.removeAll(keepingCapacity: true)
    serverSessionDeadlines.sweep(now: now, into: &expired)
    for session in expired where serverSessions.isUsed(session) { serverSessionExpired(session) }
    if let deadline = drainDeadline { drain(deadline) }
  }

  private mutating func clientExpired(_ client: Int) {
    if clients[client].hasOutput {
      writeExpired(client)
      return
    }
    switch clients[client].phase {
    case .head:
      if clients[client].input.isEmpty {
        closeClient(client)
      } else {
        refuse(client, status: 408, reason: "request-timeout")
      }
    case .proxyHeader, .lingering: closeClient(client)
    case .handshake: handshakeExpired(client)
    case .queued, .exchange, .tunnel, .backoff: requestExpired(client)
    }
  }

  private mutating func requestExpired(_ client: Int) {
    let total = clients[client].request.totalDeadline
    let timeout = clients[client].request.phaseTimeout
    if now >= total {
      report(client, .timedOut(.total))
      return
    }
    if now >= clients[client].request.hedgeDue {
      clients[client].request.hedgeDue = .distantFuture
      clientDeadlines.set(client, clients[client].request.nextDeadline)
      report(client, .hedgeDue)
      return
    }
    guard now >= clients[client].request.phaseDeadline else {
      clientDeadlines.set(client, clients[client].request.nextDeadline)
      return
    }
    if clients[client].phase == .backoff {
      clients[client].phase = .exchange
      chooseServer(client)
      return
    }
    if clients[client].phase == .queued, let service = clients[client].request.service {
      services[service.id.index].counters.shedQueueTimeout &+= 1
    }
    switch timeout {
    case .connect:
      let isAgreeing =
        clients[client].request.upstream.map {
          upstreams[$0].tls != nil && upstreams[$0].isWritable
        } ?? false
      failTry(
        client, .timeout, isAgreeing ? "no TLS handshake in time" : "no connection in time",
        .timedOut(.connect))
    case .tryAnswer: failTry(client, .timeout, "no answer in time", .timedOut(.tryAnswer))
    case .answer: failTry(client, .timeout, "no answer in time", .timedOut(.answer))
    case .tunnel:
      clients[client].request.reason = "idle-timeout"
      report(client, .timedOut(.tunnel))
    case .queue, .total, .requestBody, .answerBody, .drain: report(client, .timedOut(timeout))
    }
  }

  // MARK: Draining

  private mutating func drain(_ deadline: Instant) {
    guard !isDrained else { return }
    if now >= deadline {
      cutAll()
      for stream in 0..<streams.extent where streams.isUsed(stream) {
        report(stream: stream, .drained)
      }
      for session in 0..<datagrams.extent where datagrams.isUsed(session) {
        closeDatagrams(session, .drained)
      }
    }
    guard clients.count == 0, sessions.count == 0, streams.count == 0, datagrams.count == 0 else {
      return
    }
    isDrained = true
    drainDeadline = .distantFuture
    accessLog?.flush(now)
    traces?.flush()
    notices(.drained(worker: number))
  }

  /// Tunnels are told first, and get a moment to close by themselves.
  private mutating func cutAll() {
    var isAnyTold = false
    for client in 0..<clients.extent where clients.isUsed(client) {
      let isTunnel = clients[client].phase == .tunnel
      cutOff(client)
      if isTunnel, clients.isUsed(client) { isAnyTold = true }
    }
    for session in 0..<sessions.extent where sessions.isUsed(session) {
      if !isAnyTold || sessions[session].streams.isEmpty { closeSession(session) }
    }
    if isAnyTold { drainDeadline = now + DataPlaneLimits.partingTime }
  }

  /// What still runs on listeners that were taken away has had its time.
  private mutating func cutFormerListeners() {
    guard now >= listenerCut else { return }
    listenerCut = .distantFuture
    for index in listeners.indices {
      guard let cut = listeners[index].cut else { continue }
      guard cut <= now else {
        listenerCut = min(listenerCut, cut)
        continue
      }
      listeners[index].cut = nil
      let id = listeners[index].id
      for client in 0..<clients.extent where clients.isUsed(client) {
        if clients[client].listener == id { cutOff(client) }
      }
      for session in 0..<sessions.extent where sessions.isUsed(session) {
        if sessions[session].listener == id { closeSession(session) }
      }
      for stream in 0..<streams.extent where streams.isUsed(stream) {
        if streams[stream].listener == id { report(stream: stream, .drained) }
      }
    }
  }
}
