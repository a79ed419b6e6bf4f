import Balancing
import EventLoop
import Primitives
import Proxying
import Topology
import Wire

/// From a client's bytes to a request with a server.
extension Worker {
  mutating func clientReady(_ client: Int, _ readiness: Readiness) {
    if readiness.contains(.peerClosed) { clients[client].peerClosed = true }
    // Who leaves the line is not served: under overload that would be work for nobody.
    if clients[client].phase == .tunnel {
      tunnelReady(client, readiness)
      return
    }
    let leavesLine = clients[client].peerClosed && clients[client].phase == .queued
    if leavesLine || !readiness.isDisjoint(with: .failed) {
      abandon(client)
      return
    }
    if !readiness.isDisjoint(with: [.readable, .peerClosed]) { clients[client].isReadable = true }
    if readiness.contains(.writable), !clients[client].isWritable {
      clients[client].isWritable = true
      flushClient(client)
      guard clients.isUsed(client) else { return }
    }
    serve(client)
  }

  /// Goes on with whatever the connection can do now.
  mutating func serve(_ client: Int) {
    let generation = clients.generation(client)
    for turn in 0..<DataPlaneLimits.readsPerTurn {
      if bulkBytes <= 0, turn > 0 || clients[client].isBulk { break }
      let wentOn: Bool
      switch clients[client].phase {
      case .proxyHeader: wentOn = readProxyHeader(client: client)
      case .handshake: wentOn = awaitHandshake(client)
      case .head: wentOn = readHead(client)
      case .queued, .backoff: wentOn = false
      case .exchange: wentOn = forwardBody(client)
      case .tunnel: wentOn = forwardTunnel(client)
      case .lingering: wentOn = dropInput(client)
      }
      guard wentOn else { return }
      guard clients.isUsed(client), clients.generation(client) == generation else { return }
    }
    unfinished.append(Token(.client, index: client, generation: generation).rawValue)
  }

  /// Reads until a head is complete and begins its request.
  /// - Returns: whether there may be more to do.
  private mutating func readHead(_ client: Int) -> Bool {
    guard clients[client].output.isEmpty, !clients[client].closesAfterOutput else { return false }
    let held = takeInput(client)
    var count = held
    var isWorthReading = clients[client].inputIsFresh
    clients[client].inputIsFresh = false
    if !isWorthReading {
      guard clients[client].isReadable else {
        holdInput(client, 0..<held)
        return false
      }
      guard let read = receive(client, behind: held) else { return false }
      if read == 0 {
        holdInput(client, 0..<held)
        return false
      }
      count += read
      if held == 0 {
        // The first request's time began with the connection.
        if clients[client].hasServed {
          clientDeadlines.set(client, now + listeners[clients[client].place].policy.headTime)
        }
        isWorthReading = true
      } else {
        isWorthReading = contains(Octets.lineFeed, in: held..<count) || count > HeadLimits.bytes
      }
    }
    if !isWorthReading {
      holdInput(client, 0..<count)
      return true
    }
    return parseHead(client, count)
  }

  mutating func parseHead(_ client: Int, _ count: Int) -> Bool {
    let bytes = unsafe receiver.bytes
    let span = unsafe Span<UInt8>(_unsafeBytes: bytes).extracting(0..<count)
    requestHead.allowance = listeners[clients[client].place].head
    requestHead.isFromHTTP2 = clients[client].stream != nil
    do {
      guard try requestHead.read(span) else {
        holdInput(client, 0..<count)
        if clients[client].peerClosed, !clients[client].isReadable { closeClient(client) }
        return true
      }
      if !requestHead.hasPlainPath(span) { try makePathCanonical() }
      beginRequest(client, span)
      return true
    } catch {
      switch isPreface(client, span) {
      case true?:
        beginSession(client, received: count)
        return false
      case nil:
        holdInput(client, 0..<count)
        return true
      case false?: break
      }
      excess = requestHead.excess(error, span).map { LimitExcess($0, span) }
      refuse(client, error)
      return true
    }
  }

  /// In the receive buffer, where the head stands.
  private mutating func makePathCanonical() throws(HeadError) {
    let target = unsafe receiver.mutableBytes
    var span = unsafe MutableSpan<UInt8>(_unsafeBytes: target)
    try requestHead.makePathCanonical(&span)
  }

  /// Whether the bytes just received have a byte in `range`.
  private mutating func contains(_ byte: UInt8, in range: Range<Int>) -> Bool {
    let bytes = unsafe receiver.bytes
    let span = unsafe Span<UInt8>(_unsafeBytes: bytes)
    for index in range where span[index] == byte { return true }
    return false
  }

  private mutating func beginRequest(_ client: Int, _ bytes: Span<UInt8>) {
    // It is as `conclude` left it: new.
    clients[client].request.began = now
    clients[client].request.requestEnded = now
    clients[client].request.snapshot = snapshot
    clients[client].request.method = requestHead.method
    clients[client].request.isHead = requestHead.method == .head
    clients[client].request.isOldClient = requestHead.isOldVersion
    clients[client].request.headBytes = requestHead.count
    clients[client].request.identifier = .init(high: random.next(), low: random.next())
    clients[client].request.body = BodyDecoder(requestHead.framing)
    clients[client].request.bodyIsUnbounded = requestHead.framing == .chunked
    clients[client].request.bodyIsChunked = requestHead.framing == .chunked
    // Without framing of its own: the stream's end is the body's.
    if clients[client].stream != nil, requestHead.framing == .chunked {
      clients[client].request.body = .untilClose
    }
    clients[client].request.takesTrailers =
      requestHead.acceptsTrailers || clients[client].stream != nil
    findClient(client, bytes)
    if clients[client].isTrusted,
      let identifier = ForwardedRequest.Identifier(trusted: requestHead, bytes)
    {
      clients[client].request.identifier = identifier
    }
    if traces != nil { beginTrace(client, bytes) }
    let place = listenerPlace(client)
    let policy = findRoute(client, place, bytes)
    if clients[client].stream != nil { noteCall(client, bytes) }
    if snapshot.compresses { negotiate(client, bytes) }
    clients[client].request.exchange.begin(
      .init(
        isIdempotent: requestHead.method.isIdempotent,
        hasBody: !clients[client].request.body.isComplete,
        keepsConnection: requestHead.keepsAlive && drainDeadline == nil && place != nil,
        isStream: !requestHead.upgradeRange.isEmpty),
      policy: policy)
    let failure = writeRequest(client, bytes)
    if requestHead.count < bytes.count {
      holdInput(client, requestHead.count..<bytes.count)
      clients[client].inputIsFresh = true
    }
    clients[client].phase = .exchange
    clientDeadlines.set(client, clients[client].request.totalDeadline)
    let service = clients[client].request.service
    if let service {
      services[service.id.index].counters.requests &+= 1
      services[service.id.index].counters.inflight += 1
    }
    if let failure {
      failRequest(client, failure)
    } else if isAllowed(client, bytes) {
      startRequest(client, place, service, bytes)
    }
  }

  /// Finds the route, the service, and what they say of the request.
  private mutating func findRoute(
    _ client: Int, _ place: Int?, _ bytes: Span<UInt8>
  ) -> RetryPolicy {
    let bodyLimit = listeners[clients[client].place].policy.bodyBytes
    if bodyLimit > 0 { clients[client].request.bodyLimit = bodyLimit }
    guard let place,
      let route = snapshot.route(
        listener: place, requestHead, bytes, client: clients[client].address,
        subject: subject(of: client))
    else { return RetryPolicy() }
    clients[client].request.route = route
    if snapshot.routes[route].bodyBytes > 0 {
      clients[client].request.bodyLimit = snapshot.routes[route].bodyBytes
    }
    guard let number = service(of: route, client, bytes) else { return RetryPolicy() }
    let service = snapshot.services[number]
    clients[client].request.service = service
    if let mirror = snapshot.routes[route].mirror, requestHead.upgradeRange.isEmpty,
      random.fraction() < mirror.share
    {
      clients[client].request.mirror = mirror.service
    }
    if service.timeouts.total > .zero {
      clients[client].request.totalDeadline = now + service.timeouts.total
    }
    if service.isMultiplexed {
      // Frames say where a body ends.
      clients[client].request.bodyIsChunked = false
      noteCall(client, bytes)
    }
    return service.retries
  }

  /// Writes and keeps the head for the server.
  /// - Returns: why it can't be sent.
  private mutating func writeRequest(_ client: Int, _ bytes: Span<UInt8>) -> ExchangeFailure? {
    let defaultHost =
      requestHead.hostRange.isEmpty
      ? Array((clients[client].request.service?.name ?? "").utf8) : []
    let edits = edits(client)
    if let edits, edits.route.rewrites { keepAsked(client, bytes, defaultHost) }
    writer.removeAll()
    let isSound = ForwardedRequest.write(
      requestHead, bytes, peer: clients[client].hop, isTrusted: clients[client].isTrusted,
      isSecure: clients[client].isSecure, identifier: clients[client].request.identifier,
      defaultHost: defaultHost, edits: edits,
      unmarksTags: clients[client].request.compression.isOn,
      asksForTrailers: clients[client].request.takesTrailers
        && clients[client].request.service?.isMultiplexed ?? false,
      trace: traces == nil ? nil : traceOfServers(client),
      captures: &captures, to: &writer)
    clients[client].request.replayHeadBytes = writer.count
    unsafe clients[client].replay.append(writer.bytes)
    if keepsLoggedFields { keepRequestFields(client, bytes) }
    return writer.overflowed ? .headTooLarge : isSound ? nil : .badTarget
  }

  /// To a server, or to our own answer.
  private mutating func startRequest(
    _ client: Int, _ place: Int?, _ service: Service?, _ bytes: Span<UInt8>
  ) {
    if let service {
      services[service.id.index].budget.countRequest(now)
      placeRequest(client, service, bytes)
      if clients[client].request.exchange.hasRequestEnded { mirror(client) }
      if isLineEmpty(clients[client].request.choice, service.id.index) {
        chooseServer(client)
      } else {
        enqueue(client, service.id.index, service.limits.queueTimeout)
      }
    } else if clients[client].request.route != nil {
      answerDirectly(client, bytes)
    } else {
      let isForeign =
        place.map {
          snapshot.listeners[$0].onlyRedirects && !snapshot.knowsHost(of: requestHead, bytes)
        } ?? false
      failRequest(client, isForeign ? .misdirected : .noRoute)
    }
  }

  /// The service that a route leads the request to, whose head stands in `requestHead`; nil when
  /// the route answers itself.
  private mutating func service(of route: Int, _ client: Int, _ bytes: Span<UInt8>) -> Int? {
    switch snapshot.routes[route].action {
    case .redirect, .respond: nil
    case .service(let service): service
    case .split(let split):
      split.service(
        RequestKeyHash.hash(
          split.keys, requestHead, bytes, client: clients[client].address, now: Clock.wallTime))
    }
  }

  // MARK: Bytes in

  /// Moves what the connection holds to the front of the receive buffer.
  /// - Returns: how many bytes.
  mutating func takeInput(_ client: Int) -> Int {
    let count = clients[client].input.count
    if count == 0 { return 0 }
    unsafe receiver.mutableBytes.copyMemory(from: clients[client].input.bytes)
    clients[client].input.removeAll()
    return count
  }

  /// Keeps a part of the receive buffer for later.
  mutating func holdInput(_ client: Int, _ range: Range<Int>) {
    if range.isEmpty { return }
    unsafe clients[client].input.append(UnsafeRawBufferPointer(rebasing: receiver.bytes[range]))
  }

  /// Reads once into the receive buffer behind `offset`.
  /// - Returns: the bytes read, 0 when there are none now, or nil when the connection is gone.
  mutating func receive(_ client: Int, behind offset: Int) -> Int? {
    let room = DataPlaneLimits.readBytes
    let target = unsafe UnsafeMutableRawBufferPointer(
      rebasing: receiver.mutableBytes[offset..<(offset + room)])
    let read = unsafe receive(fromClient: client, into: target)
    if read > 0 {
      clients[client].isBulk = read == room
      if read > 0 { bulkBytes &-= read }
      // A short read means that the socket is drained, unless its end is still to be read.
      if read < room, !clients[client].peerClosed { clients[client].isReadable = hasMore(client) }
      return read
    }
    return tookNothing(client, read) ? 0 : nil
  }

  /// Notes what a read that brought no bytes means.
  /// - Returns: whether the connection is still there.
  mutating func tookNothing(_ client: Int, _ result: Int) -> Bool {
    if result == StreamSocket.wouldBlock || result == StreamSocket.interrupted {
      clients[client].isReadable = result == StreamSocket.interrupted
      return true
    }
    clients[client].isReadable = false
    clientEnded(client, isReset: result < 0)
    return false
  }

  /// The client closed its side, or its connection broke.
  private mutating func clientEnded(_ client: Int, isReset: Bool) {
    switch clients[client].phase {
    case .proxyHeader, .handshake, .head, .lingering: closeClient(client)
    case .queued, .exchange, .backoff:
      if !clients[client].request.exchange.hasRequestEnded { abandon(client) }
    case .tunnel:
      if isReset { breakTunnel(client, .clientClosed) } else { endSide(client, .client) }
    }
  }

  /// Reads and drops, so that our close can't reset what the client hasn't read yet.
  private mutating func dropInput(_ client: Int) -> Bool {
    guard clients[client].isReadable, let read = receive(client, behind: 0), read > 0 else {
      return false
    }
    clients[client].lingeringBytes += read
    if clients[client].lingeringBytes > DataPlaneLimits.lingeringBytes {
      closeClient(client)
      return false
    }
    return true
  }
}
