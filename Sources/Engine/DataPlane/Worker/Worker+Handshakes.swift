import EventLoop
import Primitives
import Proxying
import TLS
import Topology

/// How clients get to speak TLS. A handshake costs as much as many requests, so handshakes wait for
/// one another in a line of their own and have a part of each turn of the loop.
extension Worker {
  /// Bytes of a handshake came, or room for them.
  /// - Returns: false: it goes on at the turn's end.
  mutating func awaitHandshake(_ client: Int) -> Bool {
    guard clients[client].isReadable || clients[client].inputIsFresh else { return false }
    let generation = clients.generation(client)
    handshakes.append(Token(.client, index: client, generation: generation).rawValue)
    return false
  }

  /// At the end of a turn: takes handshakes further, for as long as they may.
  mutating func shakeHands() {
    let end = Clock.now + DataPlaneLimits.handshakeTime
    // What joins the line now has its turn in the next one.
    let last = handshakes.count
    while handshakesDone < last {
      let token = Token(rawValue: handshakes[handshakesDone])
      handshakesDone += 1
      guard clients.isUsed(token.index), token.matches(clients.generation(token.index)),
        clients[token.index].phase == .handshake
      else { continue }
      shakeHands(token.index)
      if Clock.now >= end { break }
    }
    if handshakesDone == handshakes.count {
      handshakes.removeAll(keepingCapacity: true)
      handshakesDone = 0
    } else if handshakesDone >= DataPlaneLimits.clients {
      handshakes.removeFirst(handshakesDone)
      handshakesDone = 0
    }
  }

  private mutating func shakeHands(_ client: Int) {
    guard clients[client].isReadable || clients[client].inputIsFresh else { return }
    if clients[client].tls == nil, !beginHandshake(client) {
      failHandshake(client, .outOfMemory)
      return
    }
    guard let tls = clients[client].tls else { return }
    switch tls.handshake() {
    case .done:
      if tls.holdsOutput { clients[client].isWritable = false }
      if let version = tls.version {
        listeners[clients[client].place].handshakes.count(version, isResumed: tls.isResumed)
      }
      clients[client].isSecure = true
      if tls.applicationProtocol == "h2" {
        beginSession(client, received: 0)
        return
      }
      clients[client].phase = .head
      // The first request may have come with the last of the handshake.
      serve(client)
    case .waiting:
      if tls.holdsOutput { clients[client].isWritable = false }
      clients[client].isReadable = tls.hasMore
      if tls.hasMore { _ = awaitHandshake(client) }
    case .failed: failHandshake(client, tls.failure ?? .malformed)
    }
  }

  private mutating func beginHandshake(_ client: Int) -> Bool {
    guard let context = listeners[clients[client].place].tls,
      let tls = TLSSession(server: context, descriptor: clients[client].descriptor)
    else { return false }
    // What came behind a PROXY header.
    guard unsafe tls.feed(clients[client].input.bytes) else { return false }
    clients[client].input.removeAll()
    clients[client].inputIsFresh = false
    clients[client].tls = tls
    return true
  }

  mutating func handshakeExpired(_ client: Int) {
    if clients[client].tls == nil { closeClient(client) } else { failHandshake(client, .timeout) }
  }

  /// The client is told by an alert, which was sent already, or in plain words if it speaks none but
  /// those (RFC 9110 section 15.5.1).
  mutating func failHandshake(_ client: Int, _ failure: TLSFailure) {
    let hasHeard = clients[client].tls?.hasHeard ?? false
    // One that comes and goes without a word was no handshake.
    guard hasHeard || failure == .outOfMemory else {
      closeClient(client)
      return
    }
    listeners[clients[client].place].handshakes.count(failure)
    if failure == .plainHTTP {
      clients[client].tls = nil
      clients[client].phase = .head
      refuse(client, status: 400, reason: failure.name)
      return
    }
    logHandshake(client, failure)
    switch failure {
    case .closed, .reset, .timeout, .outOfMemory, .notTLS: closeClient(client)
    // The alert must not be overtaken by a reset.
    default: linger(client)
    }
  }

  /// A line of the access log without a request.
  private mutating func logHandshake(_ client: Int, _ failure: TLSFailure) {
    guard accessLog != nil else { return }
    var request = ActiveRequest()
    request.began = now
    request.reason = failure.name
    clients[client].request = request
    logRequest(client, .zero, latency: .zero)
    clients[client].request = ActiveRequest()
  }
}
