import EventLoop
import Primitives
import Proxying
import Topology

/// Which connections are taken, and which make way for them.
extension Worker {
  /// Whether a connection is taken; then it is counted. One that is not is to be closed at once.
  mutating func isWelcome(_ connection: inout ClientConnection) -> Bool {
    let place = connection.place
    // Of one that a PROXY header names, only that it is there counts until then.
    let isNamed = connection.phase != .proxyHeader
    if isNamed, connection.source.isIn(bans) {
      listeners[place].refused.banned &+= 1
      return false
    }
    connection.isTrusted = connection.source.isIn(listeners[place].policy.trustedProxies)
    guard enter(place) else {
      listeners[place].refused.limit &+= 1
      return false
    }
    guard isNamed else { return true }
    let most = listeners[place].policy.connectionsPerAddress
    // A proxy's connections are those of many clients.
    guard most > 0, !connection.isTrusted,
      let counts = guards.listeners[connection.listener.index].addresses
    else { return true }
    let key = GuardKey.address(connection.source, secret: sessionKey)
    guard let counted = counts.enter(key, most: most) else {
      guards.listeners[connection.listener.index].connections.leave()
      listeners[place].refused.addressLimit &+= 1
      return false
    }
    connection.counted = (key, counted)
    return true
  }

  /// The rest of `isWelcome` for a client whom a PROXY header has named.
  mutating func isWelcome(named client: Int) -> Bool {
    let place = clients[client].place
    if clients[client].source.isIn(bans) {
      listeners[place].refused.banned &+= 1
      return false
    }
    clients[client].isTrusted = clients[client].source.isIn(
      listeners[place].policy.trustedProxies)
    let most = listeners[place].policy.connectionsPerAddress
    guard most > 0, !clients[client].isTrusted,
      let counts = guards.listeners[clients[client].listener.index].addresses
    else { return true }
    let key = GuardKey.address(clients[client].source, secret: sessionKey)
    guard let counted = counts.enter(key, most: most) else {
      listeners[place].refused.addressLimit &+= 1
      return false
    }
    clients[client].counted = (key, counted)
    return true
  }

  private mutating func enter(_ place: Int) -> Bool {
    let index = listeners[place].id.index
    // A topology names a listener before it listens.
    guard index < guards.listeners.count else { return false }
    let most = listeners[place].policy.connections
    if guards.listeners[index].connections.enter(most: most) { return true }
    return makeRoom(at: place) && guards.listeners[index].connections.enter(most: most)
  }

  /// The end of what `isWelcome` counted.
  mutating func leave(_ listener: ListenerID, _ counted: (key: UInt64, place: SharedTable.Place)?) {
    guard listener.index < guards.listeners.count else { return }
    guards.listeners[listener.index].connections.leave()
    if let counted {
      guards.listeners[listener.index].addresses?.leave(counted.key, counted.place)
    }
  }

  /// Closes connections that rest, so that new ones find room: those first that would be closed
  /// soonest anyway.
  /// - Parameter place: of the listener whose connections are asked for; nil for any.
  /// - Returns: whether any was closed.
  mutating func makeRoom(at place: Int? = nil) -> Bool {
    if place == nil, closeAnyIdle() { return true }
    var soonest: [(due: Instant, client: Int)] = []
    for client in 0..<clients.extent where clients.isUsed(client) {
      guard place == nil || clients[client].place == place, isResting(client),
        let due = clientDeadlines[client]
      else { continue }
      if soonest.count == DataPlaneLimits.evictions {
        guard let last = soonest.last, due < last.due else { continue }
        soonest.removeLast()
      }
      let index = soonest.firstIndex { $0.due > due } ?? soonest.count
      soonest.insert((due, client), at: index)
    }
    var hasRoom = false
    for (_, client) in soonest where !hasUnread(client) {
      listeners[clients[client].place].refused.evicted &+= 1
      closeClient(client)
      hasRoom = true
    }
    return hasRoom || makeRoomOfSessions(at: place)
  }

  /// Closes sessions without a stream, some at a time.
  private mutating func makeRoomOfSessions(at place: Int?) -> Bool {
    var closed = 0
    for session in 0..<sessions.extent where sessions.isUsed(session) {
      guard closed < DataPlaneLimits.evictions else { break }
      guard place == nil || sessions[session].place == place, sessions[session].streams.isEmpty,
        StreamSocket.peek(sessions[session].descriptor) <= 0
      else { continue }
      listeners[sessions[session].place].refused.evicted &+= 1
      closeSession(session)
      closed += 1
    }
    return closed > 0
  }

  /// Whether nobody waits for anything on a connection, or waits for a head for too long.
  private mutating func isResting(_ client: Int) -> Bool {
    guard clients[client].output.isEmpty, clients[client].stream == nil else { return false }
    switch clients[client].phase {
    case .lingering: return true
    case .queued, .exchange, .tunnel, .backoff, .proxyHeader: return false
    case .head, .handshake:
      if clients[client].inputIsFresh { return false }
      let hasBegun = clients[client].phase == .handshake && clients[client].tls != nil
      if clients[client].input.isEmpty, !hasBegun { return true }
      let headTime = listeners[clients[client].place].policy.headTime
      let began = clientDeadlines[client].map { $0 + (.zero - headTime) } ?? now
      return now - began >= DataPlaneLimits.pressedHeadTime
    }
  }

  /// Whether a resting client has sent what nobody has read yet: a request that is on its way.
  private mutating func hasUnread(_ client: Int) -> Bool {
    let mayRead = clients[client].phase == .head || clients[client].phase == .handshake
    return mayRead && peek(client: client)
  }

  // MARK: Bans

  /// Takes over who is not served. Whoever is served now and is named there is cut off.
  mutating func ban(_ addresses: AddressSet) {
    bans = addresses
    if addresses.isEmpty { return }
    for client in 0..<clients.extent where clients.isUsed(client) {
      guard clients[client].source.isIn(addresses), clients[client].stream == nil else { continue }
      listeners[clients[client].place].refused.banned &+= 1
      abandon(client)
    }
    for session in 0..<sessions.extent where sessions.isUsed(session) {
      guard sessions[session].source.isIn(addresses) else { continue }
      listeners[sessions[session].place].refused.banned &+= 1
      closeSession(session)
    }
  }
}
