import Balancing
import EventLoop
import Guarding
import Primitives
import Proxying
import TLS
import Topology
import Wire

/// Choosing servers, connecting to them, and what is sent to them.
extension Worker {
  mutating func chooseServer(_ client: Int) {
    guard let service = clients[client].request.service else { return }
    proceed(client, service, choose(client, service.id.index))
  }

  /// - Returns: nil when the service is gone.
  mutating func choose(_ client: Int, _ service: Int) -> Balancer.Choice? {
    services[service].choose(
      clients[client].request.choice, loads: loads, now: now, random: &random)
  }

  mutating func proceed(_ client: Int, _ service: Service, _ choice: Balancer.Choice?) {
    switch choice {
    case nil: report(client, .serviceGone)
    case .none?: report(client, .noServer)
    case .full: enqueue(client, service.id.index, service.limits.queueTimeout)
    case .server(let server): attach(client, server, freshly: false)
    }
  }

  /// Begins a try at a server, over an idle connection when there is one.
  mutating func attach(_ client: Int, _ server: Int, freshly: Bool) {
    guard let service = clients[client].request.service else { return }
    clients[client].phase = .exchange
    let limit = services[service.id.index].limits.connections
    if service.isMultiplexed {
      attachStream(client, server, service)
      return
    }
    if !freshly, service.proxyHeader == nil, let upstream = takeIdle(server) {
      beginTry(client, server, isReused: true)
      bind(client, upstream)
      report(client, .tryBegan(isReused: true))
      clients[client].request.connected = now
      sendRequest(client, upstream)
      return
    }
    if isWorthATurn(server, limit: limit),
      services[service.id.index].waiting.count < services[service.id.index].limits.queue
    {
      enqueue(client, service.id.index, service.limits.queueTimeout)
      admissions.append(service.id.index)
      serverAdmissions.append(server)
      return
    }
    begin(client, server, service, at: connect(server))
  }

  /// The same over a connection that is shared.
  private mutating func attachStream(_ client: Int, _ server: Int, _ service: Service) {
    let upstream = openStream(server, service)
    if upstream == StreamSocket.wouldBlock {
      enqueue(client, service.id.index, service.limits.queueTimeout)
      return
    }
    guard upstream >= 0, upstreams[upstream].isConnected else {
      begin(client, server, service, at: upstream)
      return
    }
    beginTry(client, server, isReused: true)
    bind(client, upstream)
    report(client, .tryBegan(isReused: true))
    clients[client].request.connected = now
    sendRequest(client, upstream)
  }

  /// Begins a try at a connection that is on its way.
  /// - Parameter upstream: its place, or -errno.
  private mutating func begin(_ client: Int, _ server: Int, _ service: Service, at upstream: Int) {
    let isExhausted = StreamSocket.isExhaustion(Int32(truncatingIfNeeded: upstream))
    if isExhausted, loads[server].inflight > 0 {
      // A request under way will give its place; without one nothing would wake the queue.
      enqueue(client, service.id.index, service.limits.queueTimeout)
      return
    }
    beginTry(client, server, isReused: false)
    if upstream < 0 {
      report(client, .tryBegan(isReused: false))
      // That we have no descriptor left says nothing of the server.
      if !isExhausted {
        noteFailure(
          client, server, .connectFailure,
          SystemError.text(Int32(truncatingIfNeeded: 0 &- upstream)),
          waited: .zero)
      }
      report(client, .connectFailed)
      return
    }
    bind(client, upstream)
    report(client, .tryBegan(isReused: false))
    arm(client, .connect, service.timeouts.connect)
  }

  private mutating func beginTry(_ client: Int, _ server: Int, isReused: Bool) {
    clients[client].request.choice.tried.insert(server)
    clients[client].request.lastServer = server
    clients[client].request.tryBegan = now
    servers[server].requests &+= 1
    noteTry(client, server, isHedge: false, isReused: isReused)
    beginSession(client, server)
  }

  private mutating func bind(_ client: Int, _ upstream: Int) {
    clients[client].request.upstream = upstream
    upstreams[upstream].begin(client, now: now)
    began(upstreams[upstream].server)
  }

  /// - Returns: the connection's place, or -errno when it fails at once.
  mutating func connect(_ server: Int) -> Int {
    let descriptor = connectSocket(server)
    if descriptor < 0 { return Int(descriptor) }
    var session: TLSSession?
    if let security = servers[server].security {
      session = security.context.flatMap {
        TLSSession(client: $0, descriptor: descriptor, serverName: security.name)
      }
      guard session != nil else {
        StreamSocket.close(descriptor)
        return Int(StreamSocket.keyless)
      }
    }
    let connection = UpstreamConnection(
      descriptor: descriptor, server: server, addressVersion: servers[server].addressVersion,
      tls: session)
    guard let upstream = upstreams.insert(connection) else {
      StreamSocket.close(descriptor)
      return Int(StreamSocket.exhausted)
    }
    let token = Token(.upstream, index: upstream, generation: upstreams.generation(upstream))
    guard poller.watchConnection(descriptor, token: token.rawValue) >= 0 else {
      upstreams.remove(upstream)
      StreamSocket.close(descriptor)
      return Int(StreamSocket.exhausted)
    }
    loads[server].openConnections += 1
    return upstream
  }

  /// - Returns: a descriptor, or -errno.
  mutating func connectSocket(_ server: Int) -> Int32 {
    guard let address = servers[server].address else { return StreamSocket.unreachable }
    // The descriptors that are kept for others stay with them.
    if clientDescriptors + serverDescriptors >= descriptorLimit, !closeAnyIdle() {
      return StreamSocket.exhausted
    }
    let descriptor = StreamSocket.connect(to: address)
    guard StreamSocket.isExhaustion(descriptor), closeAnyIdle() else { return descriptor }
    return StreamSocket.connect(to: address)
  }

  // MARK: Events

  mutating func upstreamReady(_ upstream: Int, _ readiness: Readiness) {
    if readiness.contains(.peerClosed) { upstreams[upstream].peerClosed = true }
    guard let client = upstreams[upstream].client else {
      if let mirror = upstreams[upstream].mirror {
        mirrorReady(upstream, mirror, readiness)
        return
      }
      // Idle: whatever it says was asked by nobody.
      if !readiness.isDisjoint(with: [.readable, .peerClosed, .failed]), !isQuiet(upstream) {
        closeIdle(upstream)
      }
      return
    }
    // Noted first: an edge comes once, whatever becomes of the writing direction.
    if !readiness.isDisjoint(with: [.readable, .peerClosed, .failed])
      || upstreams[upstream].tls?.hasMore == true
    {
      upstreams[upstream].isReadable = true
    }
    if clients[client].phase == .tunnel, !readiness.isDisjoint(with: .failed),
      StreamSocket.error(of: upstreams[upstream].descriptor) < 0
    {
      breakTunnel(client, .serverClosed(isReset: true))
      return
    }
    if clients[client].request.hedge == upstream {
      hedgeReady(client, upstream, readiness)
      return
    }
    let generation = upstreams.generation(upstream)
    if !upstreams[upstream].isConnected {
      guard finishConnecting(client, upstream, readiness) else { return }
    } else if readiness.contains(.writable), !upstreams[upstream].isWritable {
      upstreams[upstream].isWritable = true
      if flushUpstream(upstream) {
        armExchange(client, upstream)
        serve(client)
      }
    }
    guard upstreams.generation(upstream) == generation, isStill(client, upstream) else { return }
    relayAnswer(client, upstream)
  }

  /// Whether the two still work for each other.
  mutating func isStill(_ client: Int, _ upstream: Int) -> Bool {
    upstreams.isUsed(upstream) && upstreams[upstream].client == client && clients.isUsed(client)
      && clients[client].request.upstream == upstream
  }

  /// - Returns: whether the connection stands.
  private mutating func finishConnecting(
    _ client: Int, _ upstream: Int, _ readiness: Readiness
  ) -> Bool {
    switch open(upstream, readiness) {
    case .underWay: return false
    case .failed(let text):
      failTry(client, .connectFailure, text, .connectFailed)
      return false
    case .open:
      clients[client].request.connected = now
      noteConnected(client, upstream)
      sendRequest(client, upstream)
      return true
    }
  }

  // MARK: Bytes out

  /// Sends the head, and on a later try the body so far.
  mutating func sendRequest(_ client: Int, _ upstream: Int) {
    upstreams[upstream].isConnected = true
    if let stream = upstreams[upstream].stream, clients[client].request.exchange.isUpgrade,
      !takesUpgrades(stream)
    {
      report(client, .upgradeRefused)
      return
    }
    let sent = sendReplay(client, upstream)
    if sent < 0 {
      // Broken while it was idle: the server has seen nothing of this request.
      serverEnded(client, upstream, isReset: true, error: sent)
      return
    }
    report(client, .sent)
    armExchange(client, upstream)
    if !clients[client].request.exchange.hasRequestEnded,
      clients[client].inputIsFresh || clients[client].isReadable
    {
      serve(client)
    }
  }

  /// Sets the deadline for the side that is waited for: the client while it owes a body that the
  /// server could take, else the server.
  /// - Parameter bytes: of the body, which came just now.
  mutating func armExchange(_ client: Int, _ upstream: Int, after bytes: Int = 0) {
    let exchange = clients[client].request.exchange
    if exchange.isAnswering {
      armAnswering(client)
    } else if !exchange.hasRequestEnded, !upstreams[upstream].hasOutput {
      armBody(client, after: bytes)
    } else {
      awaitAnswer(client)
    }
  }

  private mutating func awaitAnswer(_ client: Int) {
    guard let service = clients[client].request.service else { return }
    let perTry = service.retries.perTryTimeout
    // A stream of messages may be quiet before its first; a call's own deadline holds.
    let whole =
      clients[client].request.isCall ? service.timeouts.idle : service.timeouts.response
    let hedge = service.retries.hedgeAfter
    // A session's requests go to its server alone.
    if hedge > .zero, clients[client].request.choice.session == nil,
      clients[client].request.exchange.hedges == 0
    {
      clients[client].request.hedgeDue = clients[client].request.connected + hedge
    }
    if perTry > .zero, whole == .zero || perTry < whole {
      arm(client, .tryAnswer, perTry)
    } else {
      arm(client, .answer, whole)
    }
  }

  private mutating func armBody(_ client: Int, after bytes: Int) {
    if clients[client].request.isCall {
      arm(client, .requestBody, clients[client].request.service?.timeouts.idle ?? .zero)
      return
    }
    let rate = listeners[clients[client].place].bodyRate
    let isWaiting = clients[client].request.phaseTimeout == .requestBody
    // While the server was waited for, the client could do nothing.
    let due =
      isWaiting
      ? rate.extended(clients[client].request.phaseDeadline, by: bytes, now: now)
      : rate.bytesPerSecond > 0 ? now + rate.grace : .distantFuture
    arm(client, .requestBody, max(due - now, .nanoseconds(1)))
  }

  /// Sets the deadline of the request's present phase; zero means none.
  mutating func arm(_ client: Int, _ timeout: Exchange.Timeout, _ span: TimeSpan) {
    let deadline = span == .zero ? Instant.distantFuture : now + span
    clients[client].request.phaseDeadline = deadline
    clients[client].request.phaseTimeout = timeout
    // A client that has to take something first has another deadline until it did.
    guard !clients[client].hasOutput else { return }
    clientDeadlines.set(client, clients[client].request.nextDeadline)
  }

  /// - Returns: whether all that was held is out.
  mutating func flushUpstream(_ upstream: Int) -> Bool {
    while !upstreams[upstream].output.isEmpty {
      let sent = unsafe send(to: upstream, upstreams[upstream].output.bytes)
      if sent <= 0 {
        // A broken connection shows in the reading direction, where an early answer may wait.
        upstreams[upstream].isWritable = false
        return false
      }
      upstreams[upstream].output.removeFirst(sent)
    }
    guard upstreams[upstream].spliced.held > 0 else { return true }
    _ = upstreams[upstream].spliced.give(to: upstreams[upstream].descriptor, &pipes)
    if upstreams[upstream].spliced.held == 0 { return true }
    upstreams[upstream].isWritable = false
    return false
  }

  /// Takes a part of the client's body to the server.
  /// - Returns: whether there may be more to do.
  mutating func forwardBody(_ client: Int) -> Bool {
    guard !clients[client].request.exchange.hasRequestEnded,
      let upstream = clients[client].request.upstream, upstreams[upstream].isConnected,
      !upstreams[upstream].hasOutput
    else { return false }
    if let stream = clients[client].stream { return forwardStreamBody(client, stream, upstream) }
    if let most = spliceableBody(client), let wentOn = spliceBody(client, upstream, most) {
      return wentOn
    }
    var count = takeInput(client)
    clients[client].inputIsFresh = false
    if count == 0 {
      guard clients[client].isReadable, let read = receive(client, behind: 0), read > 0 else {
        return false
      }
      count = read
    }
    do {
      let target = unsafe receiver.mutableBytes
      var span = unsafe MutableSpan<UInt8>(_unsafeBytes: target)
      let part = try clients[client].request.body.decode(&span, 0..<count)
      if part.end < count {
        holdInput(client, part.end..<count)
        clients[client].inputIsFresh = true
      }
      guard isWithinLimit(client, part.content.count) else { return false }
      sendBody(client, upstream, part)
      return isStill(client, upstream)
    } catch {
      clients[client].closesAfterOutput = true
      report(client, .requestBroken)
      return false
    }
  }

  private mutating func forwardStreamBody(
    _ client: Int, _ stream: StreamPlace, _ upstream: Int
  ) -> Bool {
    guard let count = forwardStream(client, stream) else { return false }
    clients[client].request.body.skip(count)
    guard isWithinLimit(client, count) else { return false }
    sendBody(
      client, upstream, DecodedBody(content: 0..<count, end: count, isComplete: stream.hasEnded))
    return isStill(client, upstream)
  }

  private mutating func sendBody(_ client: Int, _ upstream: Int, _ part: DecodedBody) {
    writer.removeAll()
    let content = unsafe UnsafeRawBufferPointer(rebasing: receiver.bytes[part.content])
    if clients[client].request.bodyIsChunked {
      let trailers = part.isComplete ? relayedTrailers(client) : []
      unsafe writer.appendChunk(content, isLast: part.isComplete && trailers.isEmpty)
      if !trailers.isEmpty {
        writer.append("0\r\n")
        writer.append(trailers)
        writer.append("\r\n")
      }
    } else {
      unsafe writer.append(content)
    }
    clients[client].request.bodyBytes &+= Int64(part.content.count)
    keepForReplay(client)
    unsafe sendToServer(upstream, writer.bytes)
    let bytes = part.content.count
    if part.isComplete {
      if let stream = upstreams[upstream].stream {
        let trailers = relayedTrailers(client)
        if !trailers.isEmpty { clients[client].relayed = trailers }
        endRequest(stream, trailers: trailers.span)
      }
      report(client, .requestEnded)
      clients[client].request.requestEnded = now
      mirror(client)
    }
    armExchange(client, upstream, after: bytes)
  }

  /// Sends what the socket takes and holds the rest: nothing is read for it until that is out.
  mutating func sendToServer(_ upstream: Int, _ bytes: UnsafeRawBufferPointer) {
    let sent = unsafe send(to: upstream, bytes)
    if sent == bytes.count { return }
    // An error shows in the reading direction, where an early answer may wait.
    upstreams[upstream].isWritable = false
    unsafe upstreams[upstream].output.append(
      UnsafeRawBufferPointer(rebasing: bytes[max(0, sent)...]))
  }

  private mutating func keepForReplay(_ client: Int) {
    let headBytes = clients[client].request.replayHeadBytes
    if clients[client].replay.count + writer.count <= DataPlaneLimits.replayBytes {
      unsafe clients[client].replay.append(writer.bytes)
    } else {
      clients[client].replay.truncate(to: min(headBytes, clients[client].replay.count))
      report(client, .replayLost)
    }
  }
}

extension ByteWriter {
  /// One chunk with its framing, and the end of the body behind it (RFC 9112 section 7.1).
  mutating func appendChunk(_ content: UnsafeRawBufferPointer, isLast: Bool) {
    if content.count > 0 {
      append(hexadecimal: UInt64(content.count))
      append("\r\n")
      unsafe append(content)
      append("\r\n")
    }
    if isLast { append("0\r\n\r\n") }
  }
}
