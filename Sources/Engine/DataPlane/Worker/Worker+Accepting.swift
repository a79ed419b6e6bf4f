import EventLoop
import Guarding
import HTTP2
import Primitives
import Proxying
import TLS
import Topology
import Wire

/// A listener as a worker sees it.
struct ListenerState {
  let id: ListenerID
  /// Empty after the listener was taken away; more than one where there were more workers before.
  var descriptors: [Int32] = []
  /// When what still runs on it is cut, after it was taken away.
  var cut: Instant?
  /// UDP: what comes are datagrams, and `open` counts the clients that are remembered.
  var isDatagram = false
  var open = 0
  var accepted: UInt64 = 0
  var refused = WorkerReport.ConnectionRefusals()
  /// Sessions of HTTP/2 that we ended, by `HTTP2End.rawValue`.
  var sessionEnds = [UInt64](repeating: 0, count: HTTP2End.allCases.count)
  /// As the topology has it, and ready to be asked by.
  var policy = ListenerPolicy()
  var head = HeadAllowance()
  var bodyRate = LeastRate(bytesPerSecond: 0, grace: .zero)
  var answerRate = LeastRate(bytesPerSecond: 0, grace: .zero)
  /// When a request that went beyond a limit was told of.
  var lastExcess = Instant.zero
  /// Whether clients have to speak TLS · with what. Without the latter none is served.
  var isSecure = false
  var tls: TLSServerContext?
  var handshakes = HandshakeCounters()

  init(id: ListenerID) {
    self.id = id
    adopt(ListenerPolicy())
  }

  mutating func adopt(_ policy: ListenerPolicy) {
    self.policy = policy
    head = HeadAllowance(bytes: policy.headBytes, fields: policy.headFields)
    bodyRate = LeastRate(bytesPerSecond: policy.leastBodyRate, grace: policy.grace)
    answerRate = LeastRate(bytesPerSecond: policy.leastAnswerRate, grace: policy.grace)
  }
}

extension Worker {
  mutating func listen(_ id: ListenerID, _ descriptors: [Int32], isDatagram: Bool) {
    if drainDeadline != nil {
      for descriptor in descriptors { StreamSocket.close(descriptor) }
      return
    }
    let place = listeners.firstIndex { $0.id == id }
    let index = place ?? listeners.count
    if place == nil {
      listeners.append(ListenerState(id: id))
      setPolicy(index)
    }
    if listeners[index].isDatagram, !isDatagram { closeDatagrams(ofListener: index) }
    forgetListener(index)
    listeners[index].descriptors = descriptors
    listeners[index].cut = nil
    listeners[index].isDatagram = isDatagram
    watchListener(index)
  }

  mutating func unlisten(_ id: ListenerID) {
    guard let index = listeners.firstIndex(where: { $0.id == id }),
      !listeners[index].descriptors.isEmpty
    else { return }
    if listeners[index].isDatagram { closeDatagrams(ofListener: index) }
    forgetListener(index)
    let cut = now + DataPlaneLimits.listenerDrain
    listeners[index].cut = cut
    listenerCut = min(listenerCut, cut)
    closeIdleClients { $0 == id }
    shutDownSessions { $0 == id }
  }

  mutating func forgetListener(_ index: Int) {
    for descriptor in listeners[index].descriptors {
      poller.forget(descriptor)
      StreamSocket.close(descriptor)
    }
    listeners[index].descriptors = []
  }

  private mutating func watchListener(_ index: Int) {
    let kind: Token.Kind = listeners[index].isDatagram ? .datagrams : .listener
    for (place, descriptor) in listeners[index].descriptors.enumerated() {
      let token = Token(kind, index: index, generation: UInt32(truncatingIfNeeded: place))
      _ = poller.watchReadable(descriptor, token: token.rawValue)
    }
  }

  /// Takes over what the topology says of a listener; one that it does not have stays as it was.
  mutating func setPolicy(_ index: Int) {
    let id = listeners[index].id.index
    guard id < listenerPlaces.count, listenerPlaces[id] >= 0 else { return }
    listeners[index].adopt(snapshot.listeners[listenerPlaces[id]].policy)
    listeners[index].isSecure = snapshot.listeners[listenerPlaces[id]].security != nil
    listeners[index].tls = tlsContexts.listeners[listeners[index].id]
    for client in 0..<clients.extent where clients.isUsed(client) && clients[client].place == index
    {
      clients[client].isTrusted = clients[client].source.isIn(
        listeners[index].policy.trustedProxies)
    }
    for session in 0..<sessions.extent where sessions.isUsed(session) {
      guard sessions[session].place == index else { continue }
      sessions[session].isTrusted = sessions[session].source.isIn(
        listeners[index].policy.trustedProxies)
    }
  }

  /// - Parameter place: which of the listener's descriptors.
  mutating func acceptClients(_ index: Int, _ place: Int) {
    guard drainDeadline == nil, place < listeners[index].descriptors.count else { return }
    let listener = listeners[index].descriptors[place]
    for _ in 0..<DataPlaneLimits.acceptsPerTurn {
      let taken = clientDescriptors + 2 * streams.count + datagrams.count
      let isFull = taken >= clientLimit || taken + serverDescriptors >= descriptorLimit
      if isFull, !makeRoom() { return pauseAccepting(.connections) }
      var peer = SocketAddress.loopback(port: 0)
      let descriptor = StreamSocket.accept(listener, peer: &peer)
      if descriptor < 0 {
        guard StreamSocket.isExhaustion(descriptor) else { return }
        if !makeRoom() { return pauseAccepting(.descriptors) }
        continue
      }
      adopt(descriptor, peer, index)
    }
  }

  /// Descriptors of clients: a session has one for all of its streams.
  var clientDescriptors: Int { clients.count - streamClients + sessions.count }

  private mutating func adopt(_ descriptor: Int32, _ peer: SocketAddress, _ listener: Int) {
    listeners[listener].accepted &+= 1
    let number = listeners[listener].id.index
    let place = number < listenerPlaces.count ? listenerPlaces[number] : -1
    var isNamedLater = false
    if place >= 0 {
      let served = snapshot.listeners[place]
      switch served.kind {
      case .http, .udp:
        isNamedLater = served.proxies.map { ProxyTrust.isTrusted(peer, by: $0) } ?? false
      case .tcp, .tlsPassthrough:
        guard !ClientAddress(peer).isIn(bans) else {
          listeners[listener].refused.banned &+= 1
          StreamSocket.close(descriptor)
          return
        }
        adoptStream(descriptor, peer, listener, served)
        return
      }
    }
    var connection = ClientConnection(
      descriptor: descriptor, listener: listeners[listener].id, place: listener, peer: peer)
    if isNamedLater {
      connection.phase = .proxyHeader
    } else if listeners[listener].isSecure {
      connection.phase = .handshake
    }
    guard isWelcome(&connection) else {
      StreamSocket.close(descriptor)
      return
    }
    let (counted, id) = (connection.counted, listeners[listener].id)
    guard let client = clients.insert(connection) else {
      leave(id, counted)
      StreamSocket.close(descriptor)
      return
    }
    let token = Token(.client, index: client, generation: clients.generation(client))
    guard poller.watchConnection(descriptor, token: token.rawValue) >= 0 else {
      leave(id, counted)
      clients.remove(client)
      StreamSocket.close(descriptor)
      return
    }
    listeners[listener].open += 1
    clientDeadlines.set(client, now + listeners[listener].policy.headTime)
  }

  /// Descriptors or memory ran out: work under way goes on, new connections wait in the backlog.
  private mutating func pauseAccepting(_ cause: AcceptPauses.Cause) {
    for state in listeners where !state.isDatagram {
      for descriptor in state.descriptors { poller.forget(descriptor) }
    }
    acceptsAgain = now + DataPlaneLimits.acceptPause
    if pauses.count(cause, now: now) {
      notices(.acceptPaused(cause, connections: clients.count))
    }
  }

  mutating func resumeAccepting() {
    guard now >= acceptsAgain else { return }
    acceptsAgain = .distantFuture
    if drainDeadline == nil {
      for index in listeners.indices { watchListener(index) }
    }
  }

  /// The connection's end, however it came to it.
  mutating func closeClient(_ client: Int, withReset: Bool = false) {
    if let stream = clients[client].stream {
      leaveSession(client, stream, withReset: withReset)
      clientDeadlines.clear(client)
      clients.remove(client)
      return
    }
    listeners[clients[client].place].open -= 1
    leave(clients[client].listener, clients[client].counted)
    let descriptor = clients[client].descriptor
    clients[client].spliced.release(&pipes)
    if withReset {
      StreamSocket.closeWithReset(descriptor)
    } else {
      clients[client].tls?.shutdown()
      StreamSocket.close(descriptor)
    }
    clientDeadlines.clear(client)
    clients.remove(client)
  }

  /// Between two requests, or before the first byte of a handshake.
  private mutating func isIdle(_ client: Int) -> Bool {
    switch clients[client].phase {
    case .head: true
    case .handshake: clients[client].tls == nil
    default: false
    }
  }

  /// Closes connections that are between two requests.
  mutating func closeIdleClients(where matches: (ListenerID) -> Bool) {
    for client in 0..<clients.extent where clients.isUsed(client) {
      guard isIdle(client), clients[client].input.isEmpty, clients[client].output.isEmpty,
        matches(clients[client].listener)
      else { continue }
      closeClient(client)
    }
  }
}
