import EventLoop
import Primitives
import Proxying
import Topology

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
}

extension Worker {
  mutating func listen(_ id: ListenerID, _ descriptors: [Int32], isDatagram: Bool) {
    if drainDeadline != nil {
      for descriptor in descriptors { StreamSocket.close(descriptor) }
      return
    }
    let place = listeners.firstIndex { $0.id == id }
    let index = place ?? listeners.count
    if place == nil { listeners.append(ListenerState(id: id)) }
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
  }

  mutating func forgetListener(_ index: Int) {
    for descriptor in listeners[index].descriptors {
      poller.forget(descriptor)
      StreamSocket.close(descriptor)
    }
    listeners[index].descriptors = []
  }

  private func watchListener(_ index: Int) {
    let kind: Token.Kind = listeners[index].isDatagram ? .datagrams : .listener
    for (place, descriptor) in listeners[index].descriptors.enumerated() {
      let token = Token(kind, index: index, generation: UInt32(truncatingIfNeeded: place))
      _ = poller.watchReadable(descriptor, token: token.rawValue)
    }
  }

  /// - Parameter place: which of the listener's descriptors.
  mutating func acceptClients(_ index: Int, _ place: Int) {
    guard drainDeadline == nil, place < listeners[index].descriptors.count else { return }
    let listener = listeners[index].descriptors[place]
    for _ in 0..<DataPlaneLimits.acceptsPerTurn {
      guard clients.count + 2 * streams.count + datagrams.count < clientLimit else {
        pauseAccepting()
        return
      }
      var peer = SocketAddress.loopback(port: 0)
      let descriptor = StreamSocket.accept(listener, peer: &peer)
      if descriptor < 0 {
        if StreamSocket.isExhaustion(descriptor) { pauseAccepting() }
        return
      }
      adopt(descriptor, peer, index)
    }
  }

  private mutating func adopt(_ descriptor: Int32, _ peer: SocketAddress, _ listener: Int) {
    listeners[listener].accepted &+= 1
    let id = listeners[listener].id.index
    let place = id < listenerPlaces.count ? listenerPlaces[id] : -1
    if place >= 0 {
      switch snapshot.listeners[place].kind {
      case .http, .udp: break
      case .tcp, .tlsPassthrough:
        adoptStream(descriptor, peer, listener, snapshot.listeners[place])
        return
      }
    }
    var connection = ClientConnection(
      descriptor: descriptor, listener: listeners[listener].id, peer: peer)
    if place >= 0, let proxies = snapshot.listeners[place].proxies,
      ProxyTrust.isTrusted(peer, by: proxies)
    {
      connection.phase = .proxyHeader
    }
    guard let client = clients.insert(connection) else {
      StreamSocket.close(descriptor)
      return
    }
    let token = Token(.client, index: client, generation: clients.generation(client))
    guard poller.watchConnection(descriptor, token: token.rawValue) >= 0 else {
      clients.remove(client)
      StreamSocket.close(descriptor)
      return
    }
    listeners[listener].open += 1
    clientDeadlines.set(client, now + DataPlaneLimits.headTime)
  }

  /// Descriptors or memory ran out: work under way goes on, new connections wait in the backlog.
  private mutating func pauseAccepting() {
    for state in listeners where !state.isDatagram {
      for descriptor in state.descriptors { poller.forget(descriptor) }
    }
    acceptsAgain = now + DataPlaneLimits.acceptPause
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
    let id = clients[client].listener
    if let index = listeners.firstIndex(where: { $0.id == id }) { listeners[index].open -= 1 }
    let descriptor = clients[client].descriptor
    if withReset {
      StreamSocket.closeWithReset(descriptor)
    } else {
      StreamSocket.close(descriptor)
    }
    clientDeadlines.clear(client)
    clients.remove(client)
  }

  /// Closes connections that are between two requests.
  mutating func closeIdleClients(where matches: (ListenerID) -> Bool) {
    for client in 0..<clients.extent where clients.isUsed(client) {
      guard clients[client].phase == .head, clients[client].input.isEmpty,
        clients[client].output.isEmpty, matches(clients[client].listener)
      else { continue }
      closeClient(client)
    }
  }
}
