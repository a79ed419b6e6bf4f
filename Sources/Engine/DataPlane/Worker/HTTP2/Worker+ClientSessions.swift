import EventLoop
import Guarding
import HTTP2
import Primitives
import TLS
import Topology

/// Connections of clients that speak HTTP/2: their beginning, their bytes, their end.
extension Worker {
  /// Whether the bytes are the beginning of HTTP/2 on a listener that takes it in clear text (RFC 9113
  /// section 3.3), which no request of HTTP/1 can be taken for.
  /// - Returns: nil when they may be, but are too few to tell.
  mutating func isPreface(_ client: Int, _ bytes: Span<UInt8>) -> Bool? {
    guard listeners[clients[client].place].policy.takesHTTP2, !clients[client].hasServed,
      clients[client].stream == nil, clients[client].tls == nil
    else { return false }
    let preface: StaticString = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
    for index in 0..<min(24, bytes.count) where unsafe bytes[index] != preface.utf8Start[index] {
      return false
    }
    return bytes.count < 24 ? nil : true
  }

  /// The connection goes on as one of HTTP/2.
  /// - Parameter count: bytes at the front of the receive buffer that came already.
  mutating func beginSession(_ client: Int, received count: Int) {
    let http2 = HTTP2Session(
      role: .server, options: sessionOptions(client), buffers: buffers, seed: random.next())
    var session = ClientSession(clients[client], http2: http2)
    session.idleDue = now + listeners[session.place].policy.headTime
    session.pingDue = now + DataPlaneLimits.pingAfter
    let descriptor = session.descriptor
    guard let place = sessions.insert(session) else {
      closeClient(client)
      return
    }
    clientDeadlines.clear(client)
    clients.remove(client)
    let token = Token(.session, index: place, generation: sessions.generation(place))
    guard poller.rewatchConnection(descriptor, token: token.rawValue) >= 0 else {
      closeSession(place)
      return
    }
    if sessionReceiver.isEmpty { sessionReceiver = ByteBuffer(zeroed: DataPlaneLimits.readBytes) }
    unsafe sessionReceiver.mutableBytes.copyMemory(
      from: UnsafeRawBufferPointer(rebasing: receiver.bytes[0..<count]))
    takeFrames(place, count)
    sessionDeadlines.set(place, sessions[place].nextDeadline)
    unfinished.append(token.rawValue)
  }

  private mutating func sessionOptions(_ client: Int) -> HTTP2Options {
    let policy = listeners[clients[client].place].policy
    var options = HTTP2Options()
    options.headBytes = min(options.headBytes, policy.headBytes)
    options.headFields = min(options.headFields, policy.headFields)
    return options
  }

  mutating func sessionReady(_ place: Int, _ readiness: Readiness) {
    if readiness.contains(.peerClosed) { sessions[place].peerClosed = true }
    if !readiness.isDisjoint(with: .failed) {
      closeSession(place)
      return
    }
    if !readiness.isDisjoint(with: [.readable, .peerClosed]) { sessions[place].isReadable = true }
    if readiness.contains(.writable), !sessions[place].isWritable {
      sessions[place].isWritable = true
      flushLater(place)
    }
    readSession(place)
  }

  private mutating func readSession(_ place: Int) {
    let generation = sessions.generation(place)
    for _ in 0..<DataPlaneLimits.readsPerTurn {
      guard sessions[place].isReadable else { return }
      let room = DataPlaneLimits.readBytes
      let read = unsafe receive(fromSession: place, into: sessionReceiver.mutableBytes)
      guard read > 0 else {
        if read == StreamSocket.wouldBlock || read == StreamSocket.interrupted {
          sessions[place].isReadable = read == StreamSocket.interrupted
        } else {
          closeSession(place)
        }
        return
      }
      if read < room, !sessions[place].peerClosed {
        sessions[place].isReadable = sessions[place].tls?.hasMore ?? false
      }
      if sessions[place].isLingering { continue }
      takeFrames(place, read)
      // Whoever sends so that more than this waits for it is not read on.
      guard sessions[place].output.count < DataPlaneLimits.sessionOutput else { return }
    }
    unfinished.append(Token(.session, index: place, generation: generation).rawValue)
  }

  private mutating func takeFrames(_ place: Int, _ count: Int) {
    let http2 = sessions[place].http2
    sessions[place].pingDue = now + DataPlaneLimits.pingAfter
    var offset = 0
    while offset < count {
      let rest = unsafe UnsafeRawBufferPointer(
        rebasing: sessionReceiver.bytes[offset..<count])
      let taken = unsafe http2.receive(rest, now: now)
      while let event = http2.nextEvent() { take(event, place, offset) }
      // Never none, but a loop that hangs on that would hang for good.
      offset += max(1, taken)
    }
    if !http2.isReadingHead {
      sessions[place].headDue = .distantFuture
    } else if sessions[place].headDue == .distantFuture {
      sessions[place].headDue = now + listeners[sessions[place].place].policy.headTime
    }
    flushLater(place)
  }

  // MARK: Bytes out

  /// Frames go out at the turn's end, those of all streams in one call.
  mutating func flushLater(_ place: Int) {
    guard !sessions[place].isFlushing else { return }
    sessions[place].isFlushing = true
    flushing.append(place)
  }

  /// Sends what this turn has made. What that lets come may make more.
  mutating func flushSessions() {
    var index = 0
    while index < flushing.count {
      let place = flushing[index]
      index += 1
      guard sessions.isUsed(place), sessions[place].isFlushing else { continue }
      sessions[place].isFlushing = false
      flush(session: place)
      if index > DataPlaneLimits.flushesPerTurn { break }
    }
    flushing.removeFirst(index)
  }

  private mutating func flush(session place: Int) {
    guard !sessions[place].isLingering, flushRecords(session: place) else { return }
    let http2 = sessions[place].http2
    var more = true
    while more, flushOutput(place) {
      more = http2.write(to: frames)
      guard send(place) else { return }
    }
    while let event = http2.nextEvent() { take(event, place, 0) }
    if sessions[place].isCrowded, http2.heldBytes < DataPlaneLimits.sessionHeld / 2 {
      sessions[place].isCrowded = false
      for stream in sessions[place].streams where clients.isUsed(stream) { answerOn(stream) }
    }
    watchSession(place)
  }

  /// Sends the batch and holds what the socket doesn't take.
  /// - Returns: whether the connection is still there.
  private mutating func send(_ place: Int) -> Bool {
    let (descriptor, tls) = (sessions[place].descriptor, sessions[place].tls)
    let count = frames.count
    guard count > 0 else { return true }
    let sent = unsafe frames.withBytes {
      if let tls { return unsafe tls.send($0) }
      return unsafe StreamSocket.send(descriptor, $0)
    }
    if sent < 0, sent != StreamSocket.wouldBlock, sent != StreamSocket.interrupted {
      frames.removeAll()
      closeSession(place)
      return false
    }
    let taken = max(0, sent)
    sessions[place].sentBytes &+= taken
    if taken < count {
      sessions[place].isWritable = false
      unsafe frames.withBytes {
        unsafe sessions[place].output.append(UnsafeRawBufferPointer(rebasing: $0[taken...]))
      }
    }
    frames.removeAll()
    return true
  }

  /// - Returns: whether nothing is held of what was written before.
  private mutating func flushOutput(_ place: Int) -> Bool {
    while !sessions[place].output.isEmpty {
      guard sessions[place].isWritable else { return false }
      let sent =
        if let tls = sessions[place].tls {
          unsafe tls.send(sessions[place].output.bytes)
        } else {
          unsafe StreamSocket.send(sessions[place].descriptor, sessions[place].output.bytes)
        }
      guard sent > 0 else {
        // A broken connection shows in the reading direction.
        sessions[place].isWritable = false
        return false
      }
      sessions[place].sentBytes &+= sent
      sessions[place].output.removeFirst(sent)
    }
    return true
  }

  private mutating func receive(
    fromSession place: Int, into target: UnsafeMutableRawBufferPointer
  ) -> Int {
    // What is only dropped needs no decryption.
    if let tls = sessions[place].tls, !sessions[place].isLingering {
      return unsafe tls.receive(into: target)
    }
    return unsafe StreamSocket.receive(sessions[place].descriptor, into: target)
  }

  /// Sends what TLS holds of its own.
  /// - Returns: whether the connection is still there and takes more.
  private mutating func flushRecords(session place: Int) -> Bool {
    guard let tls = sessions[place].tls, tls.holdsOutput else { return true }
    let result = tls.flush()
    if result == 0 { return true }
    if result == StreamSocket.wouldBlock {
      sessions[place].isWritable = false
    } else {
      closeSession(place)
    }
    return false
  }

  // MARK: Ends

  /// All is said. Our side is closed, and what the client had sent before it heard of that is read and
  /// dropped, so that no reset can overtake the GOAWAY.
  private mutating func linger(session place: Int) {
    for client in sessions[place].streams where clients.isUsed(client) {
      clients[client].stream?.isClosed = true
      abandon(client)
    }
    sessions[place].isLingering = true
    sessions[place].tls?.shutdown()
    StreamSocket.shutdownWrite(sessions[place].descriptor)
    (sessions[place].headDue, sessions[place].pingDue) = (.distantFuture, .distantFuture)
    (sessions[place].answerDue, sessions[place].writeDue) = (.distantFuture, .distantFuture)
    sessions[place].shutdown = .last
    sessions[place].idleDue = now + DataPlaneLimits.lingeringTime
    sessionDeadlines.set(place, sessions[place].idleDue)
    let generation = sessions.generation(place)
    unfinished.append(Token(.session, index: place, generation: generation).rawValue)
  }

  /// The connection's end, however it came to it: so do all of its streams end.
  mutating func closeSession(_ place: Int) {
    let streams = sessions[place].streams
    for client in streams where clients.isUsed(client) {
      clients[client].stream?.isClosed = true
      abandon(client)
    }
    if let end = sessions[place].http2.end {
      listeners[sessions[place].place].sessionEnds[Int(end.rawValue)] &+= 1
    }
    listeners[sessions[place].place].open -= 1
    leave(sessions[place].listener, sessions[place].counted)
    if !sessions[place].isLingering { sessions[place].tls?.shutdown() }
    StreamSocket.close(sessions[place].descriptor)
    sessionDeadlines.clear(place)
    sessions.remove(place)
  }

  /// Asks the client to go on with another connection, and lets end what runs (RFC 9113 section 6.8).
  mutating func shutDown(session place: Int) {
    guard case .none = sessions[place].shutdown else { return }
    sessions[place].shutdown = .told(until: now + DataPlaneLimits.shutdownNotice)
    sessions[place].http2.beginShutdown()
    sessionDeadlines.set(place, sessions[place].nextDeadline)
    flushLater(place)
  }

  mutating func shutDownSessions(where matches: (ListenerID) -> Bool) {
    for place in 0..<sessions.extent where sessions.isUsed(place) {
      if matches(sessions[place].listener) { shutDown(session: place) }
    }
  }

  mutating func finishShutdown(_ place: Int) {
    guard case .told = sessions[place].shutdown else { return }
    sessions[place].shutdown = .last
    sessions[place].http2.finishShutdown()
    flushLater(place)
  }

  // MARK: Time

  /// Sets what the connection is waited for with, once all that can go has gone out.
  private mutating func watchSession(_ place: Int) {
    let http2 = sessions[place].http2
    if http2.isOver, sessions[place].output.isEmpty {
      linger(session: place)
      return
    }
    if http2.end != nil, sessions[place].writeDue == .distantFuture {
      // What it did wrong was told; whoever doesn't listen isn't waited for.
      sessions[place].writeDue = now + DataPlaneLimits.lingeringTime
    }
    let policy = listeners[sessions[place].place].policy
    if !sessions[place].streams.isEmpty {
      sessions[place].idleDue = .distantFuture
    } else if sessions[place].idleDue == .distantFuture {
      sessions[place].idleDue = now + policy.idleTime
    }
    if !sessions[place].hasOutput {
      if http2.end == nil { sessions[place].writeDue = .distantFuture }
    } else if sessions[place].writeDue == .distantFuture, policy.leastAnswerRate > 0 {
      sessions[place].writeDue = now + policy.grace
      sessions[place].written = sessions[place].sentBytes
    }
    if http2.heldBytes > 0 {
      for client in sessions[place].streams { watchStream(client) }
    }
    sessionDeadlines.set(place, sessions[place].nextDeadline)
  }

  mutating func sessionExpired(_ place: Int) {
    if sessions[place].isLingering { return closeSession(place) }
    let http2 = sessions[place].http2
    if case .told(let until) = sessions[place].shutdown, now >= until { finishShutdown(place) }
    if now >= sessions[place].headDue {
      sessions[place].headDue = .distantFuture
      http2.end(.headTimeout)
    }
    if now >= sessions[place].answerDue {
      sessions[place].answerDue = .distantFuture
      http2.end(.unanswered)
    }
    if now >= sessions[place].pingDue {
      sessions[place].pingDue = now + DataPlaneLimits.pingAfter
      // Without a stream there is nothing that would be waited for in vain.
      if !sessions[place].streams.isEmpty, sessions[place].answerDue == .distantFuture {
        sessions[place].answerDue = now + DataPlaneLimits.pingTime
        http2.ping()
      }
    }
    if now >= sessions[place].idleDue {
      sessions[place].idleDue = .distantFuture
      if case .none = sessions[place].shutdown { sessions[place].shutdown = .last }
      http2.finishShutdown()
    }
    if now >= sessions[place].writeDue, !extendWriting(place) { return }
    flushLater(place)
    sessionDeadlines.set(place, sessions[place].nextDeadline)
  }

  /// - Returns: whether the connection is still there.
  private mutating func extendWriting(_ place: Int) -> Bool {
    let taken = sessions[place].sentBytes &- sessions[place].written
    let rate = listeners[sessions[place].place].answerRate
    let due = rate.extended(sessions[place].writeDue, by: taken, now: now)
    sessions[place].written = sessions[place].sentBytes
    sessions[place].writeDue = due
    if due > now, sessions[place].http2.end == nil { return true }
    if sessions[place].http2.end == nil {
      listeners[sessions[place].place].refused.slow &+= 1
      sessions[place].http2.end(.stalled)
      if sessions[place].output.isEmpty { _ = sessions[place].http2.write(to: frames) }
      guard send(place) else { return false }
    }
    closeSession(place)
    return false
  }
}
