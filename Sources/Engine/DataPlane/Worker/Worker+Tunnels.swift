import EventLoop
import HTTP2
import Primitives
import Proxying
import Topology
import Wire

/// Bytes both ways, after a server switched to another protocol (RFC 9110 section 7.8). Towards the
/// client they take the way of an answer that ends with its connection.
extension Worker {
  /// A 101 came; its head stands in `answerHead`.
  /// - Returns: whether what follows the head is the tunnel's.
  mutating func switchProtocols(_ client: Int, _ upstream: Int, _ bytes: Span<UInt8>) -> Bool {
    let generation = upstreams.generation(upstream)
    let head = unsafe clients[client].replay.bytes
    let forwarded = unsafe Span<UInt8>(_unsafeBytes: head)
    guard SwitchedProtocol.isAsked(answerHead, bytes, forwarded: forwarded) else {
      let text = "it switched to a protocol that was not asked for"
      failTry(client, .reset, text, .switched(isAsked: false))
      return false
    }
    countAnswer(client, upstream, answerHead.status)
    report(client, .switched(isAsked: true))
    guard isStill(client, upstream), upstreams.generation(upstream) == generation,
      clients[client].phase == .tunnel
    else { return false }
    upstreams[upstream].sawHead = true
    upstreams[upstream].staysClean = false
    upstreams[upstream].body = .untilClose
    clients[client].request.status = answerHead.status
    clients[client].request.answerBegan = now
    RelayedAnswer.write(
      answerHead, bytes, framing: .asStated, isOldClient: false, keepsConnection: true,
      cookie: sessionCookie(client, upstreams[upstream].server, bytes), to: &writer)
    return true
  }

  mutating func beginTunnel(_ client: Int) {
    clients[client].phase = .tunnel
    clients[client].request.totalDeadline = .distantFuture
    clients[client].request.hedgeDue = .distantFuture
    if let service = clients[client].request.service {
      services[service.id.index].counters.tunnels += 1
    }
    armTunnel(client)
    // What came behind the client's head, once the answer's head is out.
    if clients[client].inputIsFresh || clients[client].isReadable {
      let generation = clients.generation(client)
      unfinished.append(Token(.client, index: client, generation: generation).rawValue)
    }
  }

  mutating func armTunnel(_ client: Int) {
    arm(client, .tunnel, clients[client].request.service?.timeouts.idle ?? .zero)
  }

  mutating func tunnelReady(_ client: Int, _ readiness: Readiness) {
    if !readiness.isDisjoint(with: .failed),
      StreamSocket.error(of: clients[client].descriptor) < 0
    {
      breakTunnel(client, .clientClosed)
      return
    }
    if !readiness.isDisjoint(with: [.readable, .peerClosed, .failed]) {
      clients[client].isReadable = true
    }
    if readiness.contains(.writable), !clients[client].isWritable {
      clients[client].isWritable = true
      flushClient(client)
      guard clients.isUsed(client) else { return }
    }
    serve(client)
  }

  /// Takes bytes of the client's side to the server's.
  /// - Returns: whether there may be more to do.
  mutating func forwardTunnel(_ client: Int) -> Bool {
    guard let upstream = clients[client].request.upstream, !upstreams[upstream].hasOutput,
      !clients[client].request.exchange.hasEnded(.client)
    else { return false }
    if let stream = clients[client].stream { return forwardStreamTunnel(client, stream, upstream) }
    if clients[client].isBulk, clients[client].isReadable, clients[client].input.isEmpty,
      clients[client].tls == nil,
      let wentOn = spliceBody(client, upstream, PipePool.bytes)
    {
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
    clients[client].request.bodyBytes &+= Int64(count)
    unsafe sendToServer(upstream, UnsafeRawBufferPointer(rebasing: receiver.bytes[0..<count]))
    armTunnel(client)
    return true
  }

  private mutating func forwardStreamTunnel(
    _ client: Int, _ stream: StreamPlace, _ upstream: Int
  ) -> Bool {
    guard let count = forwardStream(client, stream) else { return false }
    guard count > 0 else {
      endSide(client, .client)
      return false
    }
    clients[client].request.bodyBytes &+= Int64(count)
    unsafe sendToServer(upstream, UnsafeRawBufferPointer(rebasing: receiver.bytes[0..<count]))
    armTunnel(client)
    return true
  }

  /// A side was read to its end, and all of it was sent on.
  mutating func endSide(_ client: Int, _ side: Exchange.Side) {
    report(client, .sideEnded(side))
  }

  mutating func passEnd(_ client: Int, to side: Exchange.Side) {
    switch side {
    case .client:
      if let stream = clients[client].stream {
        sessions[stream.session].http2.end(stream.id)
        flushLater(stream.session)
      } else {
        endSending(toClient: client)
      }
    case .server:
      if let upstream = clients[client].request.upstream {
        endSending(to: upstream)
      }
    }
  }

  /// A side's connection broke: so does the other's, or it would take what it got for all.
  mutating func breakTunnel(_ client: Int, _ event: Exchange.Event) {
    if case .clientClosed = event {
      clients[client].request.reason = "client-reset"
    } else {
      clients[client].request.reason = "server-reset"
    }
    report(client, event)
  }

  /// Time is up for what still runs: a tunnel is closed in an orderly way, anything else is cut.
  mutating func cutOff(_ client: Int) {
    if clients[client].phase == .tunnel {
      clients[client].request.reason = "drained"
      report(client, .timedOut(.drain))
    } else {
      abandon(client)
    }
  }
}
