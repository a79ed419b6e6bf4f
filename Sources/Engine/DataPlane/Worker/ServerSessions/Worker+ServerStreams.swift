import EventLoop
import HTTP2
import Primitives
import Proxying
import Topology

/// Streams of HTTP/2 to servers, each in the place of a connection.
extension Worker {
  /// A place for one request on a connection to the server: on one that stands, on one that is on its
  /// way, or on a new one, the fewest that have room.
  /// - Returns: the place among the upstreams, -EAGAIN when all have as much as they take and there may
  ///   be no more of them, or another -errno.
  mutating func openStream(_ server: Int, _ service: Service) -> Int {
    guard servers[server].address != nil else { return Int(StreamSocket.unreachable) }
    var session = servers[server].sessions.first { room(on: $0) > 0 }
    if session == nil {
      let limit = services[service.id.index].sessionLimit
      if limit > 0, servers[server].sessions.count >= limit { return StreamSocket.wouldBlock }
      let opened = openServerSession(server, service)
      if opened < 0 { return opened }
      session = opened
    }
    guard let session else { return StreamSocket.wouldBlock }
    let stream = ServerStream(
      session: session, generation: serverSessions.generation(session),
      place: serverSessions[session].streams.count)
    var connection = UpstreamConnection(
      descriptor: -1, server: server, addressVersion: servers[server].addressVersion)
    connection.stream = stream
    connection.isConnected = serverSessions[session].phase == .ready
    connection.isReused = connection.isConnected
    connection.isWritable = true
    guard let upstream = upstreams.insert(connection) else { return Int(StreamSocket.exhausted) }
    serverSessions[session].streams.append(upstream)
    serverStreams += 1
    return upstream
  }

  /// Descriptors of connections to servers.
  var serverDescriptors: Int { upstreams.count - serverStreams + serverSessions.count }

  /// How many streams more may be opened.
  private func room(on session: Int) -> Int {
    let most =
      serverSessions[session].phase == .ready
      ? serverSessions[session].http2.peerStreams
      : servers[serverSessions[session].server].streamsPerSession
    return min(most, DataPlaneLimits.streamsPerSession) - serverSessions[session].streams.count
  }

  /// The session of a stream, while it is there.
  func liveSession(_ stream: ServerStream) -> Int? {
    guard serverSessions.isUsed(stream.session),
      serverSessions.generation(stream.session) == stream.generation
    else { return nil }
    return stream.session
  }

  // MARK: The request

  /// Sends the kept request.
  /// - Returns: bytes taken, or -errno.
  mutating func submit(_ client: Int, _ upstream: Int, _ stream: ServerStream) -> Int {
    let headBytes = clients[client].request.replayHeadBytes
    let replay = unsafe clients[client].replay.bytes
    let exchange = clients[client].request.exchange
    let trailers = clients[client].relayed
    stream.isUpgrade = exchange.isUpgrade
    return unsafe submit(
      upstream, stream, head: UnsafeRawBufferPointer(rebasing: replay[0..<headBytes]),
      body: UnsafeRawBufferPointer(rebasing: replay[headBytes...]),
      isWhole: exchange.hasRequestEnded && !exchange.isUpgrade, trailers: trailers.span)
  }

  /// Sends the copy of a mirrored request.
  mutating func submitCopy(_ upstream: Int, _ mirror: Int, _ stream: ServerStream) {
    guard stream.id == 0, !mirrors[mirror].copy.isEmpty else { return }
    let copy = unsafe mirrors[mirror].copy.bytes
    let headBytes = mirrors[mirror].headBytes
    let sent = unsafe submit(
      upstream, stream, head: UnsafeRawBufferPointer(rebasing: copy[0..<headBytes]),
      body: UnsafeRawBufferPointer(rebasing: copy[headBytes...]), isWhole: true, trailers: Span())
    mirrors[mirror].copy.removeAll()
    if sent < 0 {
      stream.end = .lost
      touch(upstream, stream)
    }
  }

  /// Opens the stream with a request's head and what there is of its body.
  /// - Parameter isWhole: no more of the body comes.
  /// - Returns: bytes taken, or -errno.
  mutating func submit(
    _ upstream: Int, _ stream: ServerStream, head: UnsafeRawBufferPointer,
    body: UnsafeRawBufferPointer, isWhole: Bool, trailers: Span<UInt8>
  ) -> Int {
    guard let session = liveSession(stream) else { return Int(StreamSocket.connectionReset) }
    let http2 = serverSessions[session].http2
    let isAlone = isWhole && body.count == 0 && trailers.isEmpty
    guard
      let id = http2.request(
        unsafe Span<UInt8>(_unsafeBytes: head), isSecure: serverSessions[session].tls != nil,
        hasBody: !isAlone,
        context: upstream)
    else {
      // Its numbers are used up, or memory is: nothing was sent.
      leaveServerSession(session)
      return Int(StreamSocket.connectionReset)
    }
    stream.id = id
    if body.count > 0 { stream.holds = unsafe http2.send(id, body) }
    if isWhole, !isAlone { http2.end(id, trailers: trailers) }
    pingIfQuiet(session)
    mark(session)
    return head.count + body.count
  }

  /// A part of the body.
  mutating func give(to stream: ServerStream, _ bytes: UnsafeRawBufferPointer) -> Int {
    guard let session = liveSession(stream), stream.id > 0, !stream.isOver else {
      return bytes.count
    }
    if unsafe serverSessions[session].http2.send(stream.id, bytes), bytes.count > 0 {
      stream.holds = true
      mark(session)
    }
    return bytes.count
  }

  /// - Parameter trailers: lines of fields.
  mutating func endRequest(_ stream: ServerStream, trailers: Span<UInt8> = Span()) {
    guard let session = liveSession(stream), stream.id > 0, !stream.isOver else { return }
    serverSessions[session].http2.end(stream.id, trailers: trailers)
    mark(session)
  }

  // MARK: The answer

  /// Takes what came of the answer, and lets the server send as much again.
  mutating func take(from stream: ServerStream, into target: UnsafeMutableRawBufferPointer) -> Int {
    let count = min(target.count, stream.arrived.count)
    guard count > 0 else { return outlook(of: stream) }
    unsafe target.copyMemory(
      from: UnsafeRawBufferPointer(rebasing: stream.arrived.bytes[0..<count]))
    stream.arrived.removeFirst(count)
    let text = min(count, stream.headBytes)
    stream.headBytes -= text
    if count > text, !stream.isOver, let session = liveSession(stream) {
      serverSessions[session].http2.consumeStream(stream.id, count - text)
      mark(session)
    }
    return count
  }

  /// What reading says when all that came is taken.
  func outlook(of stream: ServerStream) -> Int {
    if stream.hasEnded { return 0 }
    return stream.end == nil ? StreamSocket.wouldBlock : Int(StreamSocket.connectionReset)
  }

  /// Something came, or nothing more does.
  mutating func streamReady(_ upstream: Int, _ stream: ServerStream) {
    upstreams[upstream].isReadable = stream.isReadable
    if stream.hasEnded || stream.end != nil { upstreams[upstream].peerClosed = true }
    let hasDrained = stream.hasDrained
    stream.hasDrained = false
    guard let client = upstreams[upstream].client else {
      if let mirror = upstreams[upstream].mirror { mirrorReady(upstream, mirror, []) }
      return
    }
    if clients[client].request.hedge == upstream {
      judgeHedge(client, upstream)
      return
    }
    if isRefused(stream), !upstreams[upstream].sawHead, upstreams[upstream].input.isEmpty {
      let isLeaving = liveSession(stream).map { serverSessions[$0].isLeaving } ?? true
      report(client, .refused(isGoingAway: isLeaving))
      return
    }
    if hasDrained, !stream.holds {
      armExchange(client, upstream)
      serve(client)
      guard isStill(client, upstream), upstreams[upstream].stream === stream else { return }
    }
    relayAnswer(client, upstream)
  }

  /// Whether the server says that it has done nothing (RFC 9113 section 8.7).
  private func isRefused(_ stream: ServerStream) -> Bool {
    stream.end == .reset(code: HTTP2Code.refusedStream.rawValue) && stream.arrived.isEmpty
  }

  // MARK: The end

  /// Gives a stream's place up. What the server still does for it is not wanted any more.
  mutating func closeStream(_ upstream: Int, _ stream: ServerStream) {
    upstreams.remove(upstream)
    serverStreams -= 1
    guard let session = liveSession(stream) else { return }
    if stream.id > 0, !stream.isOver {
      let http2 = serverSessions[session].http2
      http2.setContext(stream.id, nil)
      http2.reset(stream.id, stream.hasEnded ? .noError : .cancel)
      mark(session)
    }
    detach(stream, from: session)
  }

  private mutating func detach(_ stream: ServerStream, from session: Int) {
    let last = serverSessions[session].streams.count - 1
    guard stream.place <= last else { return }
    let moved = serverSessions[session].streams[last]
    serverSessions[session].streams[stream.place] = moved
    serverSessions[session].streams.removeLast()
    if stream.place < last { upstreams[moved].stream?.place = stream.place }
    guard serverSessions[session].streams.isEmpty else { return }
    serverSessions[session].rested = now
    if serverSessions[session].isLeaving { mark(session) }
    armServerSession(session)
  }
}
