import Balancing
import EventLoop
import Primitives
import Proxying
import Topology

/// UDP: from a client's datagrams to a server and back.
extension Worker {
  /// Batches taken from one socket before others get their turn.
  private static let batchesPerTurn = 4

  /// - Parameter place: which of the listener's descriptors.
  mutating func takeDatagrams(_ index: Int, _ place: Int) {
    guard drainDeadline == nil, listeners[index].isDatagram,
      place < listeners[index].descriptors.count, makeBatch()
    else { return }
    let descriptor = listeners[index].descriptors[place]
    for _ in 0..<Self.batchesPerTurn {
      let count = batch?.receive(descriptor) ?? 0
      guard count > 0 else { return }
      var start = 0
      while start < count {
        // Those of one client go on in one call.
        guard let origin = batch?.origin(start) else { return }
        let peer = origin.peer
        var end = start + 1
        while end < count, batch?.origin(end).peer == peer { end += 1 }
        forward(start..<end, DatagramKey(listener: index, place: place, peer: peer), origin)
        start = end
      }
    }
  }

  /// The memory for datagrams, from the first listener of UDP on.
  private mutating func makeBatch() -> Bool {
    if batch == nil { batch = DatagramBatch() }
    return batch != nil
  }

  private mutating func forward(
    _ range: Range<Int>, _ key: DatagramKey, _ origin: DatagramOrigin
  ) {
    var tried = TriedServers()
    // A server that refuses is left for another one, once.
    for _ in 0..<2 {
      guard let session = session(key, origin, &tried) else {
        drop(range.count, key.listener)
        return
      }
      let descriptor = datagrams[session].descriptor
      let sent = batch?.send(range, over: descriptor) ?? 0
      if sent < 0, DatagramSocket.isRefusal(sent) {
        tried.insert(datagrams[session].server)
        refused(session, sent)
        continue
      }
      let taken = max(0, sent)
      if taken < range.count { drop(range.count - taken, key.listener) }
      countIn(session, range.lowerBound..<range.lowerBound + taken)
      return
    }
    drop(range.count, key.listener)
  }

  private mutating func countIn(_ session: Int, _ range: Range<Int>) {
    var bytes: UInt64 = 0
    for index in range { bytes &+= UInt64(batch?.size(index) ?? 0) }
    datagrams[session].bytesIn &+= bytes
    datagrams[session].datagramsIn &+= UInt64(range.count)
    datagrams[session].awaitsAnswer = true
    streamStatistics.count(datagrams[session].series, bytesIn: bytes, bytesOut: 0)
    streamStatistics.countDatagrams(
      datagrams[session].series, in: UInt64(range.count), out: 0)
    touch(session)
  }

  private mutating func touch(_ session: Int) {
    datagrams[session].moved = now
    let idle = datagrams[session].service.timeouts.idle
    datagramDeadlines.set(session, idle > .zero ? now + idle : .distantFuture)
  }

  private mutating func drop(_ count: Int, _ listener: Int) {
    let place = streamStatistics.place(listeners[listener].id, nil)
    streamStatistics.dropped(place, UInt64(count))
  }

  // MARK: Sessions

  /// The client's session, or a new one.
  private mutating func session(
    _ key: DatagramKey, _ origin: DatagramOrigin, _ tried: inout TriedServers
  ) -> Int? {
    if let known = datagramPlaces[key] {
      if isServed(known) { return known }
      tried.insert(datagrams[known].server)
      closeDatagrams(known, .serverLeft)
    }
    let id = listeners[key.listener].id
    guard id.index < listenerPlaces.count, listenerPlaces[id.index] >= 0 else { return nil }
    let listener = snapshot.listeners[listenerPlaces[id.index]]
    guard case .udp(let index) = listener.kind, snapshot.services.indices.contains(index) else {
      return nil
    }
    let service = snapshot.services[index]
    let series = streamStatistics.place(id, service.id)
    let room = max(1, listener.sessions / workers)
    guard listeners[key.listener].open < room,
      clients.count + 2 * streams.count + datagrams.count < clientLimit
    else {
      streamStatistics.ended(series, .tableFull)
      return nil
    }
    return openDatagrams(key, origin, service, series, &tried)
  }

  private mutating func openDatagrams(
    _ key: DatagramKey, _ origin: DatagramOrigin, _ service: Service, _ series: Int,
    _ tried: inout TriedServers
  ) -> Int? {
    let id = service.id.index
    let client = ClientAddress(origin.peer.address)
    var request = Balancer.Request()
    request.tried = tried
    if case .hash(let policy) = service.algorithm {
      request.key = RequestKeyHash.hash(policy.keys, client: client, now: Clock.wallTime)
    }
    var sticky = RequestSession()
    if service.stickiness != nil {
      sticky = services[id].sessions.begin(client: client, secret: sessionKey, now: now)
      request.session = sticky.server
    }
    services[id].counters.requests &+= 1
    let choice = services[id].choose(request, loads: loads, now: now, random: &random)
    guard case .server(let server)? = choice else {
      // Datagrams don't wait, but the next ones find a server.
      if services[id].coldStart != nil { askForServer(id) }
      services[id].counters.failures &+= 1
      streamStatistics.ended(
        series, choice == nil ? .serviceGone : choice == .full ? .queueFull : .noHealthyServer)
      return nil
    }
    tried.insert(server)
    guard let session = connectDatagrams(key, origin, service, series, server) else {
      services[id].counters.failures &+= 1
      streamStatistics.ended(series, .connectFailure)
      return nil
    }
    if service.stickiness != nil { services[id].sessions.chose(server, for: sticky, now: now) }
    services[id].counters.inflight += 1
    return session
  }

  private mutating func connectDatagrams(
    _ key: DatagramKey, _ origin: DatagramOrigin, _ service: Service, _ series: Int, _ server: Int
  ) -> Int? {
    guard let address = servers[server].address else { return nil }
    let descriptor = DatagramSocket.connect(to: address)
    guard descriptor >= 0 else {
      if !StreamSocket.isExhaustion(descriptor) {
        noteFailure(
          of: server, service, .connectFailure, SystemError.text(0 &- descriptor), waited: .zero)
      }
      return nil
    }
    let session = DatagramSession(
      key: key, origin: origin, service: service, server: server,
      addressVersion: servers[server].addressVersion, descriptor: descriptor, series: series,
      began: now, moved: now)
    guard let place = datagrams.insert(session) else {
      StreamSocket.close(descriptor)
      return nil
    }
    let token = Token(.datagramServer, index: place, generation: datagrams.generation(place))
    guard poller.watchReadable(descriptor, token: token.rawValue) >= 0 else {
      datagrams.remove(place)
      StreamSocket.close(descriptor)
      return nil
    }
    datagramPlaces[key] = place
    listeners[key.listener].open += 1
    listeners[key.listener].accepted &+= 1
    servers[server].requests &+= 1
    servers[server].streams &+= 1
    loads[server].openConnections += 1
    began(server)
    return place
  }

  /// Whether its server is still one that takes the client's datagrams. Nothing is lost with a
  /// session, so that it leaves a server at once that is gone or fails its checks.
  private mutating func isServed(_ session: Int) -> Bool {
    let server = datagrams[session].server
    return servers[server].address != nil && !servers[server].isUnhealthy
      && servers[server].addressVersion == datagrams[session].addressVersion
  }

  // MARK: Answers

  mutating func datagramServerReady(_ session: Int) {
    let generation = datagrams.generation(session)
    let descriptor = datagrams[session].descriptor
    for _ in 0..<Self.batchesPerTurn {
      let count = batch?.receive(descriptor) ?? 0
      if count < 0, DatagramSocket.isRefusal(count) { refused(session, count) }
      guard count > 0 else { return }
      answer(session, count)
      guard datagrams.isUsed(session), datagrams.generation(session) == generation else { return }
    }
  }

  private mutating func answer(_ session: Int, _ count: Int) {
    let listener = datagrams[session].key.listener
    let place = datagrams[session].key.place
    guard place < listeners[listener].descriptors.count else { return }
    let descriptor = listeners[listener].descriptors[place]
    judgeGood(datagrams: session)
    let origin = datagrams[session].origin
    let sent = batch?.answer(0..<count, to: origin, over: descriptor) ?? 0
    let taken = max(0, sent)
    if taken < count { drop(count - taken, listener) }
    var bytes: UInt64 = 0
    for index in 0..<taken { bytes &+= UInt64(batch?.size(index) ?? 0) }
    datagrams[session].bytesOut &+= bytes
    datagrams[session].datagramsOut &+= UInt64(taken)
    datagrams[session].awaitsAnswer = false
    streamStatistics.count(datagrams[session].series, bytesIn: 0, bytesOut: bytes)
    streamStatistics.countDatagrams(datagrams[session].series, in: 0, out: UInt64(taken))
    if drainDeadline == nil {
      touch(session)
    } else {
      closeDatagrams(session, .drained)
    }
  }

  private mutating func judgeGood(datagrams session: Int) {
    guard !datagrams[session].isJudged else { return }
    datagrams[session].isJudged = true
    let server = datagrams[session].server
    let change = loads[server].answered(
      isFailure: false, after: now - datagrams[session].began,
      policy: datagrams[session].service.ejection, mayEject: false, now: now)
    loadChanged(server)
    if let change { tell(server, change) }
  }

  /// An ICMP message said that nobody is there.
  private mutating func refused(_ session: Int, _ result: Int) {
    datagrams[session].isJudged = true
    let text = SystemError.text(Int32(truncatingIfNeeded: 0 &- result))
    noteFailure(
      of: datagrams[session].server, datagrams[session].service, .connectFailure, text,
      waited: now - datagrams[session].moved)
    closeDatagrams(session, .connectFailure)
  }

  // MARK: Ends

  mutating func datagramsExpired(_ session: Int) {
    if drainDeadline != nil {
      closeDatagrams(session, .drained)
      return
    }
    closeDatagrams(session, .idleTimeout)
  }

  /// Those that wait for no answer end; the others may have theirs, for a moment.
  mutating func drainDatagrams() {
    for session in 0..<datagrams.extent where datagrams.isUsed(session) {
      if datagrams[session].awaitsAnswer {
        datagramDeadlines.set(session, now + DataPlaneLimits.datagramDrain)
      } else {
        closeDatagrams(session, .drained)
      }
    }
  }

  mutating func closeDatagrams(ofListener index: Int) {
    for session in 0..<datagrams.extent where datagrams.isUsed(session) {
      if datagrams[session].key.listener == index { closeDatagrams(session, .drained) }
    }
  }

  mutating func closeDatagrams(_ session: Int, _ reason: StreamEnd.Reason) {
    let (server, id) = (datagrams[session].server, datagrams[session].service.id)
    services[id.index].counters.inflight -= 1
    if reason.isFailure { services[id.index].counters.failures &+= 1 }
    streamStatistics.ended(datagrams[session].series, reason)
    logDatagrams(session, reason)
    datagramPlaces[datagrams[session].key] = nil
    listeners[datagrams[session].key.listener].open -= 1
    loads[server].openConnections -= 1
    if !datagrams[session].isJudged {
      loads[server].abandoned(after: now - datagrams[session].began, now: now)
    }
    ended(id, server)
    StreamSocket.close(datagrams[session].descriptor)
    datagramDeadlines.clear(session)
    datagrams.remove(session)
  }
}
