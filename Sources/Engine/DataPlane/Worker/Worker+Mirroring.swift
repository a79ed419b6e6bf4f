import Balancing
import EventLoop
import Primitives
import TLS
import Proxying
import Topology
import Wire

/// Copies of requests that go to another service as well (`mirror` of a route). Nothing of the
/// original waits for them or fails with them, and what is answered to them is read and dropped.
extension Worker {
  /// Copies a request whose body is held to its end. It is sent at the end of the turn, behind
  /// everything that somebody waits for.
  mutating func mirror(_ client: Int) {
    guard let place = clients[client].request.mirror else { return }
    clients[client].request.mirror = nil
    let service = clients[client].request.snapshot.services[place]
    let index = service.id.index
    let headBytes = clients[client].request.replayHeadBytes
    let held = clients[client].replay.count
    guard clients[client].request.exchange.canReplay, headBytes > 2 else {
      services[index].counters.mirror.tooLarge &+= 1
      return
    }
    guard mirrors.count < DataPlaneLimits.mirrors else {
      services[index].counters.mirror.dropped &+= 1
      return
    }
    writer.removeAll()
    // With TLS it goes ahead of that, and not in front of a request.
    if service.security == nil, let version = service.proxyHeader {
      ProxyHeader.writeLocal(version == .v1 ? .text : .binary, to: &writer)
    }
    let replay = unsafe clients[client].replay.bytes
    unsafe writer.append(UnsafeRawBufferPointer(rebasing: replay[0..<(headBytes - 2)]))
    writer.append("X-Ballast-Mirror: 1\r\n\r\n")
    guard !writer.overflowed else {
      services[index].counters.mirror.tooLarge &+= 1
      return
    }
    var copy = ByteBuffer()
    unsafe copy.append(writer.bytes)
    let copiedHead = writer.count
    writer.removeAll()
    let body = unsafe UnsafeRawBufferPointer(rebasing: replay[headBytes..<held])
    unsafe appendMirrored(client, body, for: service, to: &copy)
    let request = MirroredRequest(
      service: service, isHead: clients[client].request.isHead, copy: copy, headBytes: copiedHead)
    if let mirror = mirrors.insert(request) { newMirrors.append(mirror) }
  }

  /// A body that is in chunks is held as it goes out: framed for HTTP/1.1, and bare for HTTP/2.
  private mutating func appendMirrored(
    _ client: Int, _ body: UnsafeRawBufferPointer, for service: Service, to copy: inout ByteBuffer
  ) {
    let isFramed = clients[client].request.bodyIsChunked
    guard clients[client].request.bodyIsUnbounded, isFramed == service.isMultiplexed else {
      unsafe copy.append(body)
      return
    }
    guard isFramed else {
      // Behind the head, which was taken out of it; a chunk's framing and the last one need little.
      unsafe writer.appendChunk(body, isLast: true)
      unsafe copy.append(writer.bytes)
      writer.removeAll()
      return
    }
    var bare = ByteBuffer()
    unsafe bare.append(body)
    var decoder = BodyDecoder.chunked(ChunkedDecoder())
    let memory = unsafe bare.mutableBytes
    var span = unsafe MutableSpan<UInt8>(_unsafeBytes: memory)
    if let part = try? decoder.decode(&span, 0..<span.count) {
      unsafe copy.append(UnsafeRawBufferPointer(rebasing: bare.bytes[part.content]))
    }
  }

  mutating func sendMirrors() {
    guard !newMirrors.isEmpty else { return }
    for mirror in newMirrors { sendMirror(mirror) }
    newMirrors.removeAll(keepingCapacity: true)
  }

  private mutating func sendMirror(_ mirror: Int) {
    let service = mirrors[mirror].service
    let choice = services[service.id.index].choose(
      Balancer.Request(), loads: loads, now: now, random: &random)
    guard case .server(let server)? = choice,
      let upstream = place(server, service)
    else {
      services[service.id.index].counters.mirror.dropped &+= 1
      mirrors.remove(mirror)
      return
    }
    mirrors[mirror].began = now
    servers[server].requests &+= 1
    upstreams[upstream].begin(nil, now: now)
    upstreams[upstream].mirror = mirror
    began(server)
    upstreamDeadlines.set(upstream, now + DataPlaneLimits.mirrorTime)
    if upstreams[upstream].isReused { sendCopy(upstream, mirror) }
  }

  private mutating func place(_ server: Int, _ service: Service) -> Int? {
    if service.proxyHeader == nil, let idle = takeIdle(server) { return idle }
    let upstream = service.isMultiplexed ? openStream(server, service) : connect(server)
    return upstream < 0 ? nil : upstream
  }

  mutating func mirrorReady(_ upstream: Int, _ mirror: Int, _ readiness: Readiness) {
    if !upstreams[upstream].isConnected {
      switch open(upstream, readiness) {
      case .underWay: return
      case .failed(let text):
        failMirror(upstream, mirror, .connectFailure, text)
        return
      case .open:
        upstreams[upstream].isConnected = true
        sendCopy(upstream, mirror)
      }
    } else if readiness.contains(.writable) {
      upstreams[upstream].isWritable = true
      sendCopy(upstream, mirror)
    }
    if !readiness.isDisjoint(with: [.readable, .peerClosed, .failed])
      || upstreams[upstream].tls?.hasMore == true
    {
      upstreams[upstream].isReadable = true
    }
    let generation = upstreams.generation(upstream)
    for _ in 0..<DataPlaneLimits.readsPerTurn {
      guard upstreams[upstream].isReadable, dropAnswer(upstream, mirror) else { return }
    }
    unfinished.append(Token(.upstream, index: upstream, generation: generation).rawValue)
  }

  mutating func mirrorExpired(_ upstream: Int, _ mirror: Int) {
    failMirror(upstream, mirror, .timeout, "no answer to a mirrored request in time")
  }

  /// A broken connection shows in the reading direction.
  mutating func sendCopy(_ upstream: Int, _ mirror: Int) {
    if let stream = upstreams[upstream].stream {
      submitCopy(upstream, mirror, stream)
      return
    }
    while !mirrors[mirror].copy.isEmpty {
      let sent = unsafe send(to: upstream, mirrors[mirror].copy.bytes)
      guard sent > 0 else {
        upstreams[upstream].isWritable = false
        return
      }
      mirrors[mirror].copy.removeFirst(sent)
    }
  }

  // MARK: The answer

  /// Reads once, and drops it.
  /// - Returns: whether there may be more.
  private mutating func dropAnswer(_ upstream: Int, _ mirror: Int) -> Bool {
    let held = upstreams[upstream].input.count
    if held > 0 { unsafe receiver.mutableBytes.copyMemory(from: upstreams[upstream].input.bytes) }
    let room = DataPlaneLimits.readBytes
    let target = unsafe UnsafeMutableRawBufferPointer(
      rebasing: receiver.mutableBytes[held..<(held + room)])
    let read = unsafe receive(from: upstream, into: target)
    if read == StreamSocket.wouldBlock || read == StreamSocket.interrupted {
      upstreams[upstream].isReadable = read == StreamSocket.interrupted
      return false
    }
    upstreams[upstream].input.removeAll()
    guard read > 0 else {
      upstreams[upstream].staysClean = false
      if read == 0, upstreams[upstream].sawHead, upstreams[upstream].body == .untilClose {
        endMirror(upstream, mirror, isAnswered: true)
      } else {
        failMirror(upstream, mirror, .reset, "the connection was closed before the answer's end")
      }
      return false
    }
    if read < room, !upstreams[upstream].peerClosed { upstreams[upstream].isReadable = false }
    do {
      guard let bodyStart = try dropHeads(upstream, mirror, held + read) else { return true }
      let bytes = unsafe receiver.mutableBytes
      var span = unsafe MutableSpan<UInt8>(_unsafeBytes: bytes)
      let part = try upstreams[upstream].body.decode(&span, bodyStart..<(held + read))
      guard part.isComplete else { return true }
      if part.end < held + read { upstreams[upstream].staysClean = false }
      endMirror(upstream, mirror, isAnswered: true)
    } catch {
      failMirror(upstream, mirror, .reset, "unreadable answer to a mirrored request: \(error)")
    }
    return false
  }

  /// - Returns: where the body begins in the receive buffer; nil while the head isn't complete.
  private mutating func dropHeads(
    _ upstream: Int, _ mirror: Int, _ count: Int
  ) throws(HeadError) -> Int? {
    var start = 0
    while !upstreams[upstream].sawHead {
      let bytes = unsafe receiver.bytes
      let span = unsafe Span<UInt8>(_unsafeBytes: bytes).extracting(start..<count)
      guard try answerHead.read(span, isHead: mirrors[mirror].isHead) else {
        unsafe upstreams[upstream].input.append(
          UnsafeRawBufferPointer(rebasing: bytes[start..<count]))
        return nil
      }
      if answerHead.status == 101 { throw .badStatusLine }
      start += answerHead.count
      if answerHead.isInterim { continue }
      let server = upstreams[upstream].server
      servers[server].codes.count(answerHead.status)
      judgeAnswer(
        upstream, mirrors[mirror].service, answerHead.status, after: now - mirrors[mirror].began)
      upstreams[upstream].sawHead = true
      upstreams[upstream].body = BodyDecoder(answerHead.framing)
      upstreams[upstream].staysClean = answerHead.keepsAlive && mirrors[mirror].copy.isEmpty
    }
    return start
  }

  // MARK: Ends

  mutating func failMirror(
    _ upstream: Int, _ mirror: Int, _ failure: WorkerNotice.Failure, _ detail: String
  ) {
    // That an idle connection was closed in the meantime says nothing of its server.
    if !upstreams[upstream].isReused, !upstreams[upstream].isJudged {
      let waited = now - mirrors[mirror].began
      servers[upstreams[upstream].server].codes.count(0)
      noteFailure(
        of: upstreams[upstream].server, mirrors[mirror].service, failure, detail, waited: waited)
      upstreams[upstream].isJudged = true
    }
    upstreams[upstream].staysClean = false
    endMirror(upstream, mirror, isAnswered: false)
  }

  private mutating func endMirror(_ upstream: Int, _ mirror: Int, isAnswered: Bool) {
    let service = mirrors[mirror].service
    if isAnswered {
      services[service.id.index].counters.mirror.answered &+= 1
    } else {
      services[service.id.index].counters.mirror.failed &+= 1
    }
    mirrors.remove(mirror)
    upstreams[upstream].mirror = nil
    upstreamDeadlines.clear(upstream)
    leave(upstream, service.id)
    // A client's request would need one that begins with the client's address.
    if service.proxyHeader == nil, mayRest(upstream) {
      rest(upstream)
    } else {
      closeUpstream(upstream)
    }
  }
}
