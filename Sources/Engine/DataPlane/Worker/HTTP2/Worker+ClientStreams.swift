import EventLoop
import Guarding
import HTTP2
import Primitives
import Proxying
import Topology
import Wire

/// Streams of clients' sessions, each of which goes through the worker as a connection with one
/// request does.
extension Worker {
  /// - Parameter offset: where the bytes that the event speaks of begin in the receive buffer of
  ///   sessions.
  mutating func take(_ event: HTTP2Event, _ place: Int, _ offset: Int) {
    switch event {
    case .head(let stream, _, let endsStream): beginStream(place, stream, endsStream, isWhole: true)
    case .headTooLarge(let stream, let endsStream):
      beginStream(place, stream, endsStream, isWhole: false)
    case .data(let stream, let named, let range):
      let moved = (range.lowerBound + offset)..<(range.upperBound + offset)
      takeData(place, stream, client(named, place, stream), moved)
    case .trailers(let stream, let named):
      guard let client = client(named, place, stream) else { break }
      unsafe clients[client].trailers.append(sessions[place].http2.headText)
    case .ended(let stream, let named):
      guard let client = client(named, place, stream) else { break }
      clients[client].stream?.hasEnded = true
      clients[client].inputIsFresh = true
      serve(client)
    case .closed(let stream, let named, _):
      if let client = client(named, place, stream) { streamClosed(client) }
    case .drained(let stream, let named):
      if let client = client(named, place, stream) { streamDrained(client) }
    case .sentEnd(let stream, let named):
      // The rest of a body that nobody waits for (RFC 9113 section 8.1).
      guard let client = client(named, place, stream), clients[client].phase == .lingering else {
        break
      }
      sessions[place].http2.reset(stream, .noError)
      flushLater(place)
    case .pingAnswered:
      sessions[place].answerDue = .distantFuture
      finishShutdown(place)
    case .goaway, .settings: break
    }
  }

  /// The stream's client, if it still is the one that the event was made for.
  private mutating func client(_ named: Int?, _ place: Int, _ stream: Int32) -> Int? {
    guard let named, clients.isUsed(named), let own = clients[named].stream,
      own.session == place, own.id == stream
    else { return nil }
    return named
  }

  // MARK: Requests

  private mutating func beginStream(
    _ place: Int, _ stream: Int32, _ endsStream: Bool, isWhole: Bool
  ) {
    sessions[place].hasServed = true
    let own = StreamPlace(
      session: place, id: stream, index: sessions[place].streams.count, hasEnded: endsStream)
    let made = clients.insert(
      ClientConnection(of: sessions[place], own, replay: buffers.take()))
    guard let client = made else {
      sessions[place].http2.reset(stream, .refusedStream)
      return
    }
    streamClients += 1
    sessions[place].streams.append(client)
    sessions[place].http2.setContext(stream, client)
    guard isWhole else {
      refuse(client, .headTooLarge)
      return
    }
    let text = unsafe sessions[place].http2.headText
    unsafe receiver.mutableBytes.copyMemory(from: text)
    _ = parseHead(client, text.count)
    guard !endsStream, self.client(client, place, stream) != nil else { return }
    serve(client)
  }

  private mutating func takeData(
    _ place: Int, _ stream: Int32, _ client: Int?, _ range: Range<Int>
  ) {
    guard let client, clients[client].phase != .lingering else {
      sessions[place].http2.consume(stream, range.count)
      return
    }
    unsafe clients[client].input.append(
      UnsafeRawBufferPointer(rebasing: sessionReceiver.bytes[range]))
    clients[client].inputIsFresh = true
    serve(client)
  }

  /// Takes a part of a stream's body, or of its side of a tunnel, to the server; its window is given
  /// back with that.
  /// - Returns: whether there may be more to do.
  mutating func forwardStream(_ client: Int, _ stream: StreamPlace) -> Int? {
    let count = takeInput(client)
    clients[client].inputIsFresh = false
    guard count > 0 || stream.hasEnded else { return nil }
    sessions[stream.session].http2.consume(stream.id, count)
    if count > 0 { flushLater(stream.session) }
    return count
  }

  // MARK: Answers

  /// Takes an answer's bytes: its head first, as text, then its body as it is.
  mutating func sendToStream(
    _ client: Int, _ stream: StreamPlace, _ first: UnsafeRawBufferPointer,
    _ second: UnsafeRawBufferPointer
  ) {
    let http2 = sessions[stream.session].http2
    flushLater(stream.session)
    var body = unsafe first
    if !stream.isAnswered {
      let text = unsafe Span<UInt8>(_unsafeBytes: first)
      let isInterim =
        text.count > 12 && text[9] == UInt8(ascii: "1")
        && !(text[10] == UInt8(ascii: "0") && text[11] == UInt8(ascii: "1"))
      guard
        let count = http2.answer(
          stream.id, text,
          hasBody: !clients[client].request.isHead && !clients[client].request.endsWithHead)
      else { return }
      if isInterim { return }
      clients[client].stream?.isAnswered = true
      unsafe body = UnsafeRawBufferPointer(rebasing: first[count...])
    }
    var isHeld = false
    if body.count > 0 { isHeld = unsafe http2.send(stream.id, body) }
    if second.count > 0 { isHeld = unsafe http2.send(stream.id, second) }
    if isHeld { clients[client].stream?.isHolding = true }
  }

  /// All of the answer was given; what of it waits goes out as the client takes it.
  mutating func endStream(_ client: Int, _ stream: StreamPlace) {
    let http2 = sessions[stream.session].http2
    clients[client].phase = .lingering
    clientDeadlines.clear(client)
    let trailers = unsafe Span<UInt8>(_unsafeBytes: clients[client].answerTrailers.bytes)
    http2.end(stream.id, trailers: trailers)
    let unused = clients[client].input.count
    clients[client].input.removeAll()
    http2.consume(stream.id, unused)
    flushLater(stream.session)
  }

  /// All that was given for the stream went into frames.
  private mutating func streamDrained(_ client: Int) {
    clients[client].stream?.isHolding = false
    clients[client].writeWatch = WriteWatch()
    switch clients[client].phase {
    case .exchange, .tunnel: clientDeadlines.set(client, clients[client].request.nextDeadline)
    case .lingering: clientDeadlines.clear(client)
    case .proxyHeader, .handshake, .head, .queued, .backoff: break
    }
    answerOn(client)
  }

  /// Goes on with an answer that waited for its client.
  mutating func answerOn(_ client: Int) {
    guard clients[client].phase == .exchange || clients[client].phase == .tunnel,
      let upstream = clients[client].request.upstream, upstreams[upstream].isConnected
    else { return }
    relayAnswer(client, upstream)
  }

  /// Whether nothing more is read for the stream, because the session holds enough.
  mutating func isCrowded(_ client: Int) -> Bool {
    guard let stream = clients[client].stream,
      sessions[stream.session].http2.heldBytes >= DataPlaneLimits.sessionHeld
    else { return false }
    sessions[stream.session].isCrowded = true
    return true
  }

  /// How much of an answer is read at a time: no more than the client's windows let go, but a head that
  /// has to be seen.
  mutating func streamRoom(_ stream: StreamPlace) -> Int {
    let http2 = sessions[stream.session].http2
    let isCrowded = http2.heldBytes >= DataPlaneLimits.sessionHeld
    let most = isCrowded ? 0 : min(DataPlaneLimits.readBytes, http2.window(stream.id))
    return max(DataPlaneLimits.streamLeastRead, most)
  }

  // MARK: Ends

  /// The stream is over on the wire: if its request is still under way, by a reset.
  private mutating func streamClosed(_ client: Int) {
    clients[client].stream?.isClosed = true
    if clients[client].phase == .lingering {
      closeClient(client)
    } else {
      abandon(client)
    }
  }

  /// The stream's part of `closeClient`.
  mutating func leaveSession(_ client: Int, _ stream: StreamPlace, withReset: Bool) {
    let place = stream.session
    let http2 = sessions[place].http2
    http2.consume(stream.id, clients[client].input.count)
    if !stream.isClosed {
      http2.setContext(stream.id, nil)
      http2.reset(stream.id, withReset ? .internalError : .cancel)
    }
    flushLater(place)
    buffers.give(&clients[client].replay)
    streamClients -= 1
    let last = sessions[place].streams.removeLast()
    if last != client {
      sessions[place].streams[stream.index] = last
      clients[last].stream?.index = stream.index
    }
  }

  // MARK: Slow readers

  /// Begins to watch a client that leaves a part of an answer where it is.
  mutating func watchStream(_ client: Int) {
    guard let stream = clients[client].stream, stream.isHolding,
      clients[client].writeWatch.taken == nil
    else { return }
    clients[client].writeWatch.taken = sessions[stream.session].http2.held(stream.id)
    let rate = listeners[clients[client].place].answerRate
    clients[client].writeWatch.due = rate.bytesPerSecond > 0 ? now + rate.grace : .distantFuture
    clientDeadlines.set(client, clients[client].writeWatch.due)
  }

  /// Time is up for what the stream holds.
  mutating func streamWriteExpired(_ client: Int, _ stream: StreamPlace) {
    let isInTime = clients[client].phase != .exchange || now < clients[client].request.totalDeadline
    let held = sessions[stream.session].http2.held(stream.id)
    let before = clients[client].writeWatch.taken ?? 0
    clients[client].writeWatch.taken = held
    let rate = listeners[clients[client].place].answerRate
    // What it held was all of one read; that there is less now means that some was taken.
    clients[client].writeWatch.due = rate.extended(
      clients[client].writeWatch.due, by: max(0, before - held), now: now)
    guard isInTime, clients[client].writeWatch.due > now else {
      listeners[clients[client].place].refused.slow &+= 1
      listeners[clients[client].place].sessionEnds[Int(HTTP2End.stalled.rawValue)] &+= 1
      return abandon(client)
    }
    clientDeadlines.set(client, clients[client].writeWatch.due)
  }
}
