import Balancing
import EventLoop
import HTTP2
import Primitives
import Proxying
import TLS
import Topology

/// Connections of HTTP/2 to servers: how they begin and end.
extension Worker {
  /// - Returns: the session's place, or -errno when it fails at once.
  mutating func openServerSession(_ server: Int, _ service: Service) -> Int {
    let descriptor = connectSocket(server)
    if descriptor < 0 { return Int(descriptor) }
    var tls: TLSSession?
    if let security = servers[server].security {
      tls = security.context.flatMap {
        TLSSession(client: $0, descriptor: descriptor, serverName: security.name)
      }
      guard tls != nil else {
        StreamSocket.close(descriptor)
        return Int(StreamSocket.keyless)
      }
    }
    let http2 = HTTP2Session(
      role: .client, options: Self.sessionOptions, buffers: buffers, seed: random.next())
    let session = serverSessions.insert(
      ServerSession(
        descriptor: descriptor, server: server, addressVersion: servers[server].addressVersion,
        http2: http2, tls: tls, now: now))
    guard let session else {
      StreamSocket.close(descriptor)
      return Int(StreamSocket.exhausted)
    }
    let token = Token(
      .serverSession, index: session, generation: serverSessions.generation(session))
    guard poller.watchConnection(descriptor, token: token.rawValue) >= 0 else {
      serverSessions.remove(session)
      StreamSocket.close(descriptor)
      return Int(StreamSocket.exhausted)
    }
    loads[server].openConnections += 1
    servers[server].sessions.append(session)
    // The handshake and the server's settings are a part of connecting.
    serverSessionDeadlines.set(session, now + service.timeouts.connect)
    return session
  }

  /// What our side grants a server.
  private static var sessionOptions: HTTP2Options {
    var options = HTTP2Options()
    options.streamWindow = DataPlaneLimits.serverStreamWindow
    options.connectionWindow = DataPlaneLimits.serverSessionWindow
    // A server that is overloaded refuses one request after the other, which is its right.
    options.ledger.reset = .init(burst: 100_000, rate: 10_000)
    options.ledger.windowUpdate = .init(burst: 100_000, rate: 10_000)
    options.ledger.ping = .init(burst: 10_000, rate: 1_000)
    return options
  }

  // MARK: Events

  mutating func serverSessionReady(_ session: Int, _ readiness: Readiness) {
    if readiness.contains(.peerClosed) { serverSessions[session].peerClosed = true }
    if !readiness.isDisjoint(with: [.readable, .peerClosed, .failed]) {
      serverSessions[session].isReadable = true
    }
    if serverSessions[session].phase == .connecting {
      let error = StreamSocket.error(of: serverSessions[session].descriptor)
      if error < 0 || !readiness.isDisjoint(with: .failed) {
        loseServerSession(session, SystemError.text(error < 0 ? 0 &- error : 104))
        return
      }
      guard readiness.contains(.writable) else { return }
      serverSessions[session].isWritable = true
      guard let tls = serverSessions[session].tls else {
        serverSessions[session].phase = .greeting
        mark(session)
        return readServerSession(session)
      }
      serverSessions[session].phase = .securing
      if let earlier = servers[serverSessions[session].server].resumption { tls.resume(earlier) }
    }
    guard serverSessions[session].phase != .securing || secure(serverSession: session) else {
      return
    }
    if readiness.contains(.writable) {
      serverSessions[session].isWritable = true
      mark(session)
    }
    readServerSession(session)
  }

  /// - Returns: whether TLS stands, and with it HTTP/2, which the server has to agree to (RFC 9113
  ///   section 3.2).
  private mutating func secure(serverSession session: Int) -> Bool {
    guard let tls = serverSessions[session].tls else { return true }
    switch tls.handshake() {
    case .done:
      guard tls.applicationProtocol == "h2" else {
        loseServerSession(session, "the server does not offer HTTP/2 over TLS")
        return false
      }
      serverSessions[session].phase = .greeting
      serverSessions[session].isReadable = true
      mark(session)
      return true
    case .waiting:
      if tls.hasMore {
        let generation = serverSessions.generation(session)
        unfinished.append(
          Token(.serverSession, index: session, generation: generation).rawValue)
      }
    case .failed: loseServerSession(session, "no TLS: \(Self.reason(tls))")
    }
    return false
  }

  /// The server has said how much it takes: what waited for that goes on.
  mutating func greeted(_ session: Int) {
    serverSessions[session].phase = .ready
    if let resumption = serverSessions[session].tls?.resumption {
      servers[serverSessions[session].server].resumption = resumption
    }
    serverSessions[session].rested = now
    let most = serverSessions[session].http2.peerStreams
    servers[serverSessions[session].server].streamsPerSession = max(1, most)
    armServerSession(session)
    guard most > 0 else {
      loseServerSession(session, "it takes no streams")
      return
    }
    let generation = serverSessions.generation(session)
    for (place, upstream) in serverSessions[session].streams.enumerated() {
      guard upstreams.isUsed(upstream), let stream = upstreams[upstream].stream,
        liveSession(stream) == session, stream.generation == generation,
        !upstreams[upstream].isConnected
      else { continue }
      if place < most { resume(stream: upstream) } else { placeAnew(upstream) }
      guard serverSessions.isUsed(session), serverSessions.generation(session) == generation else {
        return
      }
    }
  }

  private mutating func resume(stream upstream: Int) {
    upstreams[upstream].isConnected = true
    guard let client = upstreams[upstream].client else {
      if let mirror = upstreams[upstream].mirror { sendCopy(upstream, mirror) }
      return
    }
    if clients[client].request.hedge == upstream {
      sendHedge(client, upstream)
    } else {
      clients[client].request.connected = now
      noteConnected(client, upstream)
      sendRequest(client, upstream)
    }
  }

  /// A stream that was never opened has no place on its session any more.
  private mutating func placeAnew(_ upstream: Int) {
    guard let client = upstreams[upstream].client else {
      if let mirror = upstreams[upstream].mirror {
        failMirror(upstream, mirror, .connectFailure, "no room on the connection")
      }
      return
    }
    if clients[client].request.hedge == upstream {
      closeHedge(client)
      report(client, .hedgeFailed)
      return
    }
    let server = upstreams[upstream].server
    release(client, keep: false)
    attach(client, server, freshly: false)
  }

  // MARK: Ends

  /// Nothing more begins on it; what is under way on it ends in its own time.
  mutating func leaveServerSession(_ session: Int) {
    guard !serverSessions[session].isLeaving else { return }
    serverSessions[session].isLeaving = true
    let server = serverSessions[session].server
    servers[server].sessions.removeAll { $0 == session }
    mark(session)
    for upstream in serverSessions[session].streams
    where upstreams.isUsed(upstream) && !upstreams[upstream].isConnected {
      placeAnew(upstream)
    }
  }

  /// The connection is gone, and with it what was under way on it.
  mutating func loseServerSession(_ session: Int, _ text: String) {
    let streams = serverSessions[session].streams
    removeServerSession(session)
    for upstream in streams {
      guard upstreams.isUsed(upstream), let stream = upstreams[upstream].stream, !stream.isOver
      else { continue }
      stream.isOver = true
      if upstreams[upstream].isConnected {
        if !stream.hasEnded { stream.end = stream.end ?? .lost }
        touch(upstream, stream)
      } else {
        failToConnect(upstream, text)
      }
    }
  }

  private mutating func failToConnect(_ upstream: Int, _ text: String) {
    guard let client = upstreams[upstream].client else {
      if let mirror = upstreams[upstream].mirror {
        failMirror(upstream, mirror, .connectFailure, text)
      }
      return
    }
    if clients[client].request.hedge == upstream {
      failHedge(client, .connectFailure, text)
    } else {
      failTry(client, .connectFailure, text, .connectFailed)
    }
  }

  /// Closes it; its streams' places stay their owners'.
  mutating func removeServerSession(_ session: Int) {
    let server = serverSessions[session].server
    servers[server].sessions.removeAll { $0 == session }
    loads[server].openConnections -= 1
    serverSessionDeadlines.clear(session)
    serverSessions[session].tls?.shutdown()
    StreamSocket.close(serverSessions[session].descriptor)
    serverSessions.remove(session)
    if servers[server].waiting.count > 0 { serverAdmissions.append(server) }
    if let service = servers[server].service, services[service].waiting.count > 0 {
      admissions.append(service)
    }
  }

  /// Sessions to an address that the server has no more.
  mutating func leaveServerSessions(of server: Int) {
    for session in servers[server].sessions { leaveServerSession(session) }
  }

  /// Closes a session that nobody uses.
  /// - Returns: whether there was one.
  mutating func closeAnyRestingSession() -> Bool {
    for session in 0..<serverSessions.extent
    where serverSessions.isUsed(session) && serverSessions[session].streams.isEmpty {
      removeServerSession(session)
      return true
    }
    return false
  }

  // MARK: Time

  /// Sets when the session is to be looked at again.
  mutating func armServerSession(_ session: Int) {
    guard serverSessions[session].phase == .ready else { return }
    serverSessionDeadlines.set(session, dueTime(of: session))
  }

  private func dueTime(of session: Int) -> Instant {
    if let pinged = serverSessions[session].pinged {
      return pinged + DataPlaneLimits.serverPingTime
    }
    return serverSessions[session].streams.isEmpty
      ? serverSessions[session].rested + DataPlaneLimits.upstreamIdle
      : serverSessions[session].heard + DataPlaneLimits.sessionQuiet
  }

  /// Before a request is entrusted to a connection that was silent for a while, and while nothing is
  /// heard of one that is used, it is asked whether it lives. Not oftener: servers of gRPC take more
  /// PINGs than one in five minutes without data for an attack.
  mutating func pingIfQuiet(_ session: Int) {
    guard serverSessions[session].pinged == nil,
      now - serverSessions[session].heard >= DataPlaneLimits.sessionDoubt
    else { return }
    serverSessions[session].http2.ping()
    serverSessions[session].pinged = now
    armServerSession(session)
  }

  mutating func serverSessionExpired(_ session: Int) {
    guard serverSessions[session].phase == .ready else {
      loseServerSession(session, "no connection in time")
      return
    }
    let due = dueTime(of: session)
    guard now >= due else {
      serverSessionDeadlines.set(session, due)
      return
    }
    if serverSessions[session].pinged != nil {
      loseServerSession(session, "it does not answer a PING")
    } else if serverSessions[session].streams.isEmpty {
      leaveServerSession(session)
    } else {
      pingIfQuiet(session)
      mark(session)
    }
  }
}
