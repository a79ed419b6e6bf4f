import EventLoop
import Primitives
import TLS
import Proxying
import Topology
import Wire

/// From a server's bytes to the client.
extension Worker {
  /// Reads and relays while there is something to read and the client takes it.
  mutating func relayAnswer(_ client: Int, _ upstream: Int) {
    if clients[client].stream != nil, upstreams[upstream].sawHead, isCrowded(client) { return }
    if answerDrill != nil, isDrilled(client, upstream) { return }
    let generation = upstreams.generation(upstream)
    for turn in 0..<DataPlaneLimits.readsPerTurn {
      guard upstreams[upstream].isReadable, !clients[client].hasOutput else { return }
      if turn >= DataPlaneLimits.encodedReadsPerTurn,
        clients[client].request.compression.encoder != nil
      {
        break
      }
      if bulkBytes <= 0, turn > 0 || upstreams[upstream].isBulk { break }
      guard relayPiece(client, upstream) else { return }
      guard upstreams.isUsed(upstream), upstreams.generation(upstream) == generation,
        isStill(client, upstream)
      else { return }
    }
    unfinished.append(Token(.upstream, index: upstream, generation: generation).rawValue)
  }

  private mutating func relayPiece(_ client: Int, _ upstream: Int) -> Bool {
    if let most = spliceableAnswer(client, upstream),
      let wentOn = spliceAnswer(client, upstream, most)
    {
      return wentOn
    }
    return readAnswer(client, upstream)
  }

  /// Reads once behind what is held of a head.
  /// - Returns: whether to go on.
  private mutating func readAnswer(_ client: Int, _ upstream: Int) -> Bool {
    let held = upstreams[upstream].input.count
    if held > 0 {
      unsafe receiver.mutableBytes.copyMemory(from: upstreams[upstream].input.bytes)
      upstreams[upstream].input.removeAll()
    }
    let room = clients[client].stream.map { streamRoom($0) } ?? DataPlaneLimits.readBytes
    let target = unsafe UnsafeMutableRawBufferPointer(
      rebasing: receiver.mutableBytes[held..<(held + room)])
    let read = unsafe receive(from: upstream, into: target)
    if read > 0 {
      upstreams[upstream].isBulk = read == room
      if read > 0 { bulkBytes &-= read }
      if read < room, !upstreams[upstream].peerClosed { upstreams[upstream].isReadable = false }
      if !upstreams[upstream].sawHead { report(client, .answerBytes) }
      relayBytes(client, upstream, held + read)
      return true
    }
    if held > 0 {
      unsafe upstreams[upstream].input.append(
        UnsafeRawBufferPointer(rebasing: receiver.bytes[0..<held]))
    }
    if read == StreamSocket.wouldBlock || read == StreamSocket.interrupted {
      upstreams[upstream].isReadable = read == StreamSocket.interrupted
      if clients[client].request.compression.encoder != nil { flushEncoder(client, upstream) }
      return false
    }
    serverEnded(client, upstream, isReset: read < 0, error: read)
    return false
  }

  mutating func serverEnded(_ client: Int, _ upstream: Int, isReset: Bool, error: Int) {
    writer.removeAll()
    upstreams[upstream].staysClean = false
    if clients[client].phase == .tunnel {
      upstreams[upstream].isReadable = false
      if isReset {
        breakTunnel(client, .serverClosed(isReset: true))
      } else {
        endSide(client, .server)
      }
      return
    }
    // With TLS an end that was not announced may be anybody's who cut the connection (RFC 9112,
    // section 9.8).
    let isWhole =
      upstreams[upstream].stream == nil
      ? upstreams[upstream].body == .untilClose && upstreams[upstream].tls?.isEndAnnounced ?? true
      : upstreams[upstream].body == .untilClose || upstreams[upstream].body.isComplete
    if upstreams[upstream].sawHead, isWhole, !isReset {
      guard takeTrailers(client, upstream) else {
        failTry(client, .reset, "broken trailers", .serverClosed(isReset: false))
        return
      }
      sendAnswer(client, upstream, content: 0..<0, isLast: true)
      return
    }
    let isStale =
      upstreams[upstream].isReused && !upstreams[upstream].sawHead
      && upstreams[upstream].input.isEmpty && !isStreamReset(upstream)
    if isStale {
      report(client, .serverClosed(isReset: isReset))
      return
    }
    // A reset of its stream is a server's answer, unlike a connection that went away.
    if isStreamReset(upstream), !upstreams[upstream].sawHead { report(client, .answerBytes) }
    let text =
      upstreams[upstream].tls?.failure != nil
      ? upstreams[upstream].tls.map(Self.reason) ?? ""
      : isReset
        ? SystemError.text(Int32(truncatingIfNeeded: 0 &- error))
        : "the connection was closed before the answer's end"
    failTry(client, .reset, text, .serverClosed(isReset: isReset))
  }

  /// Relays what stands at the front of the receive buffer.
  mutating func relayBytes(_ client: Int, _ upstream: Int, _ count: Int) {
    var start = 0
    writer.removeAll()
    while !upstreams[upstream].sawHead {
      let bytes = unsafe receiver.bytes
      let span = unsafe Span<UInt8>(_unsafeBytes: bytes).extracting(start..<count)
      do {
        guard try answerHead.read(span, isHead: clients[client].request.isHead) else {
          let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[start..<count])
          unsafe upstreams[upstream].input.append(rest)
          return
        }
        guard try relayHead(client, upstream, span) else { return }
      } catch {
        failTry(client, .reset, "unreadable answer: \(error.reason)", .answerBroken)
        return
      }
      start += answerHead.count
    }
    relayBody(client, upstream, start..<count)
  }

  /// - Returns: whether to go on with what follows the head.
  private mutating func relayHead(
    _ client: Int, _ upstream: Int, _ bytes: Span<UInt8>
  ) throws(HeadError) -> Bool {
    if answerHead.status == 101 { return switchProtocols(client, upstream, bytes) }
    if answerHead.isInterim {
      clients[client].request.interimAnswers += 1
      if clients[client].request.interimAnswers > DataPlaneLimits.interimAnswers {
        throw .badStatusLine
      }
      // HTTP/1.0 knows no interim answers (RFC 9110 section 15.2).
      if !clients[client].request.isOldClient {
        // At once, so that the writer has room for the final head, whatever its size.
        writer.removeAll()
        RelayedAnswer.writeInterim(answerHead, bytes, to: &writer)
        unsafe sendToClient(client, writer.bytes)
        writer.removeAll()
      }
      return true
    }
    let generation = upstreams.generation(upstream)
    readLoadReport(client, upstreams[upstream].server, bytes)
    let call = callEnd(client, upstream, bytes)
    countAnswer(client, upstream, answerHead.status, judged: call?.serverStatus)
    report(client, call.map { .callEnded($0) } ?? .answerHead(status: answerHead.status))
    // Another server is asked instead.
    guard isStill(client, upstream), upstreams.generation(upstream) == generation else {
      return false
    }
    endHedging(client, upstreams[upstream].server)
    upstreams[upstream].sawHead = true
    upstreams[upstream].body = BodyDecoder(answerHead.framing)
    let hasEnded = clients[client].request.exchange.hasRequestEnded
    upstreams[upstream].staysClean = answerHead.keepsAlive && hasEnded
    if let seconds = answerHead.keepAliveSeconds {
      upstreams[upstream].idleTime = min(
        DataPlaneLimits.upstreamIdle,
        .seconds(Int64(seconds)) - DataPlaneLimits.upstreamIdleMargin)
    }
    let isOldClient = clients[client].request.isOldClient
    let coding = clients[client].request.compression.isOn ? chooseCoding(client, bytes) : .none
    var framing = AnswerFraming(answerHead.framing, isOldClient: isOldClient)
    if clients[client].request.compression.encoder != nil {
      framing = isOldClient ? .untilClose : .chunked
    }
    if framing == .chunked, clients[client].stream != nil { framing = .untilClose }
    clients[client].request.framing = framing
    clients[client].request.status = answerHead.status
    clients[client].request.endsWithHead =
      clients[client].request.compression.encoder == nil
      && upstreams[upstream].stream?.isHeadOnly ?? false
    clients[client].request.answerBegan = now
    if keepsLoggedFields { keepResponseFields(client, bytes) }
    let keeps =
      clients[client].request.exchange.keepsConnectionAfterAnswer && framing != .untilClose
      && drainDeadline == nil
    clients[client].closesAfterOutput = !keeps
    writeAnswerHead(
      client, bytes, framing, keeps: keeps,
      sessionCookie(client, upstreams[upstream].server, bytes), coding)
    return true
  }

  private mutating func relayBody(_ client: Int, _ upstream: Int, _ range: Range<Int>) {
    if upstreams[upstream].stream != nil, upstreams[upstream].body != .length(remaining: 0) {
      relayStreamBody(client, upstream, range)
      return
    }
    if upstreams[upstream].body.isComplete {
      // Bytes that no request asked for never reach a client.
      if !range.isEmpty { upstreams[upstream].staysClean = false }
      sendAnswer(client, upstream, content: 0..<0, isLast: true)
      return
    }
    do {
      let target = unsafe receiver.mutableBytes
      var span = unsafe MutableSpan<UInt8>(_unsafeBytes: target)
      let part = try upstreams[upstream].body.decode(&span, range)
      if part.isComplete, part.end < range.upperBound { upstreams[upstream].staysClean = false }
      if part.content.isEmpty, !part.isComplete, writer.count == 0,
        clients[client].request.compression.encoder == nil
      {
        return
      }
      sendAnswer(client, upstream, content: part.content, isLast: part.isComplete)
    } catch {
      if writer.count > 0 { unsafe sendToClient(client, writer.bytes) }
      failTry(client, .reset, "broken body: \(error)", .serverClosed(isReset: false))
    }
  }

  /// The body of a stream ends with the stream, whatever its length was said to be: trailers may
  /// follow, and what is more or less than the length is a broken answer (RFC 9113 section 8.1.1).
  private mutating func relayStreamBody(_ client: Int, _ upstream: Int, _ range: Range<Int>) {
    if case .length(let remaining) = upstreams[upstream].body, Int64(range.count) > remaining {
      if writer.count > 0 { unsafe sendToClient(client, writer.bytes) }
      failTry(client, .reset, "more than its length", .serverClosed(isReset: false))
      return
    }
    upstreams[upstream].body.skip(range.count)
    if range.isEmpty, writer.count == 0 { return }
    sendAnswer(client, upstream, content: range, isLast: false)
  }

  private func isStreamReset(_ upstream: Int) -> Bool {
    if case .reset = upstreams[upstream].stream?.end { return true }
    return false
  }

  /// Sends the head in the writer, if any, and a part of the body that stands in the receive buffer.
  private mutating func sendAnswer(
    _ client: Int, _ upstream: Int, content: Range<Int>, isLast: Bool
  ) {
    let body = unsafe UnsafeRawBufferPointer(rebasing: receiver.bytes[content])
    if let encoder = clients[client].request.compression.encoder {
      guard sendEncoded(client, upstream, encoder, content, isLast: isLast) else { return }
      endPart(client, upstream, isLast: isLast)
      return
    }
    clients[client].request.answerBytes &+= Int64(content.count)
    if clients[client].request.framing == .chunked {
      sendChunk(client, content, isLast: isLast)
    } else if writer.count == 0 {
      unsafe sendToClient(client, body)
    } else if clients[client].stream == nil, content.count <= DataPlaneLimits.copiedBodyBytes,
      content.count <= writer.room
    {
      unsafe writer.append(body)
      unsafe sendToClient(client, writer.bytes)
    } else {
      unsafe sendToClient(client, writer.bytes, body)
    }
    endPart(client, upstream, isLast: isLast)
  }

  private mutating func endPart(_ client: Int, _ upstream: Int, isLast: Bool) {
    guard isLast else {
      armAnswering(client)
      return
    }
    if clients.isUsed(client), isStill(client, upstream) { report(client, .answerEnded) }
  }

  /// Nothing may come for so long before the answer counts as stuck, or the tunnel as forgotten.
  mutating func armAnswering(_ client: Int) {
    let timeout: Exchange.Timeout = clients[client].phase == .tunnel ? .tunnel : .answerBody
    arm(client, timeout, clients[client].request.service?.timeouts.idle ?? .zero)
  }

  private mutating func sendChunk(_ client: Int, _ content: Range<Int>, isLast: Bool) {
    let body = unsafe UnsafeRawBufferPointer(rebasing: receiver.bytes[content])
    let hasTrailers = isLast && !clients[client].answerTrailers.isEmpty
    let most = content.count + 32 + (hasTrailers ? clients[client].answerTrailers.count : 0)
    if most > writer.room, writer.count > 0 {
      unsafe sendToClient(client, writer.bytes)
      writer.removeAll()
    }
    unsafe writer.appendChunk(body, isLast: isLast && !hasTrailers)
    if hasTrailers { writeLastChunk(client) }
    unsafe sendToClient(client, writer.bytes)
  }

  // MARK: Bytes out

  /// Sends what the socket takes and holds the rest; nothing is read for this client until that
  /// is out, so what is held is bounded by one read.
  mutating func sendToClient(_ client: Int, _ first: UnsafeRawBufferPointer) {
    unsafe sendToClient(client, first, UnsafeRawBufferPointer(start: nil, count: 0))
  }

  private mutating func sendToClient(
    _ client: Int, _ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer
  ) {
    let count = first.count + second.count
    if count == 0 { return }
    if let stream = clients[client].stream {
      unsafe sendToStream(client, stream, first, second)
      return
    }
    var sent = 0
    if clients[client].output.isEmpty {
      sent =
        second.count == 0
        ? unsafe send(toClient: client, first) : unsafe send(toClient: client, first, second)
    }
    if sent == count { return }
    // An error is left to the reading direction, which closes in an orderly way.
    sent = max(0, sent)
    clients[client].isWritable = false
    if !clients[client].hasOutput { watchWriting(client) }
    if sent < first.count {
      unsafe clients[client].output.append(UnsafeRawBufferPointer(rebasing: first[sent...]))
    }
    let rest = max(0, sent - first.count)
    if rest < second.count {
      unsafe clients[client].output.append(UnsafeRawBufferPointer(rebasing: second[rest...]))
    }
  }

  /// Sends what is held; once that is out, goes on with what waited for it. May close the
  /// connection.
  /// - Returns: whether the socket took anything.
  @discardableResult
  mutating func flushClient(_ client: Int) -> Bool {
    var hasSent = false
    if clients[client].tls != nil, !flushRecords(client) { return false }
    while !clients[client].output.isEmpty {
      let sent = unsafe send(toClient: client, clients[client].output.bytes)
      if sent == StreamSocket.wouldBlock || sent == StreamSocket.interrupted {
        clients[client].isWritable = false
        return hasSent
      }
      if sent < 0 {
        abandon(client)
        return hasSent
      }
      hasSent = true
      clients[client].output.removeFirst(sent)
    }
    if clients[client].spliced.held > 0 {
      let given = clients[client].spliced.give(to: clients[client].descriptor, &pipes)
      if given < 0 {
        abandon(client)
        return hasSent
      }
      if given > 0 { hasSent = true }
      if clients[client].spliced.held > 0 {
        clients[client].isWritable = false
        return hasSent
      }
    }
    switch clients[client].phase {
    case .head:
      if clients[client].closesAfterOutput { linger(client) } else { awaitRequest(client) }
    case .exchange, .tunnel:
      clientDeadlines.set(client, clients[client].request.nextDeadline)
      if let upstream = clients[client].request.upstream { relayAnswer(client, upstream) }
    case .lingering: linger(client)
    case .proxyHeader, .handshake, .queued, .backoff: break
    }
    return hasSent
  }
}
