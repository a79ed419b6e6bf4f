import Balancing
import EventLoop
import HTTP2
import Primitives
import Proxying
import TLS
import Wire

/// Frames from and to servers of HTTP/2.
extension Worker {
  /// Reads what came, sorts it to the streams, and then looks at each of those.
  mutating func readServerSession(_ session: Int) {
    let generation = serverSessions.generation(session)
    for _ in 0..<DataPlaneLimits.readsPerTurn {
      guard serverSessions[session].isReadable else { break }
      let target = unsafe receiver.mutableBytes
      let read =
        if let tls = serverSessions[session].tls {
          unsafe tls.receive(into: target)
        } else {
          unsafe StreamSocket.receive(serverSessions[session].descriptor, into: target)
        }
      if read > 0 {
        // A short read means that the socket is drained, unless its end is still to be read.
        if read < target.count, !serverSessions[session].peerClosed {
          serverSessions[session].isReadable = serverSessions[session].tls?.hasMore ?? false
        }
        serverSessions[session].heard = now
        takeFrames(session, read)
        lookAtTouched()
        guard serverSessions.isUsed(session), serverSessions.generation(session) == generation
        else { return }
        continue
      }
      if read == StreamSocket.wouldBlock || read == StreamSocket.interrupted {
        serverSessions[session].isReadable = read == StreamSocket.interrupted
        break
      }
      loseServerSession(
        session,
        read == 0
          ? "the connection was closed" : SystemError.text(Int32(truncatingIfNeeded: 0 &- read)))
      lookAtTouched()
      return
    }
    if serverSessions[session].isReadable {
      unfinished.append(Token(.serverSession, index: session, generation: generation).rawValue)
    }
  }

  /// What stands at the front of the receive buffer.
  private mutating func takeFrames(_ session: Int, _ count: Int) {
    let http2 = serverSessions[session].http2
    let generation = serverSessions.generation(session)
    var (isGreeted, isLeaving) = (false, false)
    var offset = 0
    while offset < count {
      let bytes = unsafe UnsafeRawBufferPointer(rebasing: receiver.bytes[offset..<count])
      let taken = unsafe http2.receive(bytes, now: now)
      while let event = http2.nextEvent() {
        switch event {
        case .settings: isGreeted = true
        case .goaway: isLeaving = true
        default: break
        }
        unsafe take(event, of: session, bytes)
      }
      offset += max(1, taken)
    }
    mark(session)
    // Only now, since what follows from these uses the receive buffer.
    if isGreeted, serverSessions[session].phase == .greeting { greeted(session) }
    guard isLeaving, serverSessions.isUsed(session),
      serverSessions.generation(session) == generation
    else { return }
    leaveServerSession(session)
  }

  private mutating func take(
    _ event: HTTP2Event, of session: Int, _ bytes: UnsafeRawBufferPointer
  ) {
    switch event {
    case .head(_, let context, let endsStream):
      guard let (upstream, stream) = stream(context) else { return }
      takeHead(serverSessions[session].http2, upstream, stream)
      if endsStream {
        stream.hasEnded = true
        stream.isHeadOnly = true
      }
      touch(upstream, stream)
    case .data(let id, let context, let range):
      serverSessions[session].http2.consumeConnection(range.count)
      guard let (upstream, stream) = stream(context) else {
        serverSessions[session].http2.consumeStream(id, range.count)
        return
      }
      unsafe stream.arrived.append(UnsafeRawBufferPointer(rebasing: bytes[range]))
      touch(upstream, stream)
    case .trailers(_, let context):
      // With the empty line that ends such a section elsewhere.
      stream(context)?.stream.trailers =
        unsafe serverSessions[session].http2.headText + [Octets.carriageReturn, Octets.lineFeed]
    case .ended(_, let context):
      guard let (upstream, stream) = stream(context) else { return }
      stream.hasEnded = true
      touch(upstream, stream)
    case .closed(_, let context, let code):
      guard let (upstream, stream) = stream(context) else { return }
      stream.isOver = true
      if !stream.hasEnded { stream.end = .reset(code: code) }
      touch(upstream, stream)
    case .drained(_, let context):
      guard let (upstream, stream) = stream(context) else { return }
      stream.holds = false
      stream.hasDrained = true
      touch(upstream, stream)
    case .goaway: break
    case .pingAnswered:
      serverSessions[session].pinged = nil
      armServerSession(session)
    case .settings: admitBehind(session)
    case .headTooLarge, .sentEnd: break
    }
  }

  private func stream(_ context: Int?) -> (upstream: Int, stream: ServerStream)? {
    guard let context, upstreams.isUsed(context), let stream = upstreams[context].stream else {
      return nil
    }
    return (context, stream)
  }

  private mutating func takeHead(
    _ http2: HTTP2Session, _ upstream: Int, _ stream: ServerStream
  ) {
    let text = unsafe http2.headText
    if stream.isUpgrade, (200...299).contains(http2.headStatus ?? 0),
      let client = upstreams[upstream].client,
      let line = unsafe text.firstIndex(of: Octets.lineFeed)
    {
      let head = unsafe switchingHead(client, Array(text[(line + 1)...])[...])
      unsafe head.withUnsafeBytes { unsafe stream.arrived.append($0) }
      stream.headBytes += head.count
      return
    }
    unsafe stream.arrived.append(text)
    stream.headBytes += text.count
  }

  /// The server may take more than it did.
  private mutating func admitBehind(_ session: Int) {
    let server = serverSessions[session].server
    if servers[server].waiting.count > 0 { serverAdmissions.append(server) }
    guard let service = servers[server].service, services[service].waiting.count > 0 else { return }
    admissions.append(service)
  }

  /// To be looked at when the frames that came are sorted.
  mutating func touch(_ upstream: Int, _ stream: ServerStream) {
    guard !stream.isTouched else { return }
    stream.isTouched = true
    touchedStreams.append(upstream)
  }

  mutating func lookAtTouched() {
    while !touchedStreams.isEmpty {
      let touched = touchedStreams
      touchedStreams.removeAll(keepingCapacity: true)
      for upstream in touched where upstreams.isUsed(upstream) {
        guard let stream = upstreams[upstream].stream, stream.isTouched else { continue }
        stream.isTouched = false
        streamReady(upstream, stream)
      }
    }
  }

  // MARK: Frames out

  /// To be written to at the turn's end, together with all that is done for it until then.
  mutating func mark(_ session: Int) {
    guard !serverSessions[session].isMarked else { return }
    serverSessions[session].isMarked = true
    markedSessions.append(session)
  }

  /// Sends what the turn has brought. What that sets free may bring more, which is for the next turn
  /// after a few rounds.
  mutating func writeServerSessions() {
    lookAtTouched()
    for _ in 0..<DataPlaneLimits.readsPerTurn {
      guard !markedSessions.isEmpty else { return }
      let marked = markedSessions
      markedSessions.removeAll(keepingCapacity: true)
      for session in marked
      where serverSessions.isUsed(session) && serverSessions[session].isMarked {
        serverSessions[session].isMarked = false
        writeServerSession(session)
      }
      lookAtTouched()
    }
  }

  private mutating func writeServerSession(_ session: Int) {
    guard serverSessions[session].phase == .greeting || serverSessions[session].phase == .ready
    else { return }
    let http2 = serverSessions[session].http2
    if serverSessions[session].isLeaving, serverSessions[session].streams.isEmpty,
      !serverSessions[session].hasTold
    {
      serverSessions[session].hasTold = true
      http2.finishShutdown()
    }
    var hasMore = true
    while hasMore, flushServerSession(session) {
      hasMore = http2.write(to: frames)
      while let event = http2.nextEvent() {
        unsafe take(event, of: session, UnsafeRawBufferPointer(start: nil, count: 0))
      }
      guard frames.count > 0 else { break }
      let (descriptor, tls) = (serverSessions[session].descriptor, serverSessions[session].tls)
      let sent = unsafe frames.withBytes {
        unsafe max(0, Self.send($0, over: descriptor, tls))
      }
      if sent < frames.count {
        serverSessions[session].isWritable = false
        unsafe frames.withBytes {
          unsafe serverSessions[session].output.append(
            UnsafeRawBufferPointer(rebasing: $0[sent...]))
        }
      }
      frames.removeAll()
    }
    closeIfOver(session)
  }

  /// - Returns: whether nothing is held. An error shows in the reading direction.
  private mutating func flushServerSession(_ session: Int) -> Bool {
    while !serverSessions[session].output.isEmpty {
      guard serverSessions[session].isWritable else { return false }
      let (descriptor, tls) = (serverSessions[session].descriptor, serverSessions[session].tls)
      let sent = unsafe Self.send(serverSessions[session].output.bytes, over: descriptor, tls)
      guard sent > 0 else {
        serverSessions[session].isWritable = false
        return false
      }
      serverSessions[session].output.removeFirst(sent)
    }
    guard let tls = serverSessions[session].tls, tls.holdsOutput else { return true }
    return tls.flush() == 0
  }

  private static func send(
    _ bytes: UnsafeRawBufferPointer, over descriptor: Int32, _ tls: TLSSession?
  ) -> Int {
    if let tls { return unsafe tls.send(bytes) }
    return unsafe StreamSocket.send(descriptor, bytes)
  }

  private mutating func closeIfOver(_ session: Int) {
    let http2 = serverSessions[session].http2
    if serverSessions[session].isLeaving, serverSessions[session].streams.isEmpty,
      serverSessions[session].output.isEmpty
    {
      removeServerSession(session)
    } else if let end = http2.end {
      loseServerSession(session, "\(end.reason)")
    } else if http2.isOver {
      loseServerSession(session, "the server speaks no HTTP/2")
    }
  }
}
