import EventLoop
import Primitives
import Proxying
import Topology

/// A listener as a worker sees it.
struct ListenerState {
  let id: ListenerID
  /// Nil after the listener was taken away.
  var descriptor: Int32?
  /// When what still runs on it is cut, after it was taken away.
  var cut: Instant?
  var open = 0
  var accepted: UInt64 = 0
}

extension Worker {
  mutating func listen(_ id: ListenerID, _ descriptor: Int32) {
    if drainDeadline != nil {
      StreamSocket.close(descriptor)
      return
    }
    let place = listeners.firstIndex { $0.id == id }
    let index = place ?? listeners.count
    if place == nil { listeners.append(ListenerState(id: id)) }
    if let former = listeners[index].descriptor { forgetListener(former) }
    listeners[index].descriptor = descriptor
    listeners[index].cut = nil
    watchListener(index)
  }

  mutating func unlisten(_ id: ListenerID) {
    guard let index = listeners.firstIndex(where: { $0.id == id }),
      let descriptor = listeners[index].descriptor
    else { return }
    forgetListener(descriptor)
    listeners[index].descriptor = nil
    let cut = now + DataPlaneLimits.listenerDrain
    listeners[index].cut = cut
    listenerCut = min(listenerCut, cut)
    closeIdleClients { $0 == id }
  }

  private func forgetListener(_ descriptor: Int32) {
    poller.forget(descriptor)
    StreamSocket.close(descriptor)
  }

  private func watchListener(_ index: Int) {
    guard let descriptor = listeners[index].descriptor else { return }
    _ = poller.watchReadable(descriptor, token: Token(.listener, index: index).rawValue)
  }

  mutating func acceptClients(_ index: Int) {
    guard drainDeadline == nil, let listener = listeners[index].descriptor else { return }
    for _ in 0..<DataPlaneLimits.acceptsPerTurn {
      guard clients.count < clientLimit else {
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
    let connection = ClientConnection(
      descriptor: descriptor, listener: listeners[listener].id, peer: peer)
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
    for state in listeners {
      if let descriptor = state.descriptor { poller.forget(descriptor) }
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
