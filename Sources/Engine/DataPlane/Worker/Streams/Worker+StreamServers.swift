import Balancing
import EventLoop
import Primitives
import Proxying
import Topology

/// Choosing servers for streams, and connecting to them.
extension Worker {
  /// Streams stand in the same lines as requests, by numbers of their own.
  private static let firstWaiting = 1 << 32

  static func stream(waitingAs place: Int) -> Int? {
    place >= firstWaiting ? place - firstWaiting : nil
  }

  mutating func chooseStreamServer(_ stream: Int) {
    guard let service = streams[stream].service else { return }
    proceed(stream: stream, chooseServer(for: stream, service.id.index))
  }

  private mutating func chooseServer(for stream: Int, _ service: Int) -> Balancer.Choice? {
    services[service].choose(streams[stream].choice, loads: loads, now: now, random: &random)
  }

  private mutating func proceed(stream: Int, _ choice: Balancer.Choice?) {
    switch choice {
    case nil: report(stream: stream, .serviceGone)
    case .none?: report(stream: stream, .noServer)
    case .full: enqueueStream(stream)
    case .server(let server): connectStream(stream, server)
    }
  }

  private mutating func connectStream(_ stream: Int, _ server: Int) {
    guard let service = streams[stream].service else { return }
    let descriptor = openStream(stream, to: server)
    let isExhausted = StreamSocket.isExhaustion(descriptor)
    if isExhausted, loads[server].inflight > 0 {
      // A stream or request under way will give its place.
      enqueueStream(stream)
      return
    }
    streams[stream].phase = .connecting
    streams[stream].server = server
    streams[stream].isJudged = false
    streams[stream].choice.tried.insert(server)
    streams[stream].tryBegan = now
    servers[server].requests &+= 1
    report(stream: stream, .tryBegan)
    if descriptor < 0 {
      // That we have no descriptor left says nothing of the server.
      if !isExhausted {
        let text = SystemError.text(0 &- descriptor)
        noteFailure(of: server, service, .connectFailure, text, waited: .zero)
      }
      report(stream: stream, .connectFailed)
      return
    }
    streams[stream].relay.second = RelayEnd(descriptor: descriptor)
    loads[server].openConnections += 1
    began(server)
    if service.stickiness != nil {
      services[service.id.index].sessions.chose(server, for: streams[stream].session, now: now)
    }
    armStream(stream, service.timeouts.connect)
  }

  /// - Returns: the descriptor, or -errno when it fails at once.
  private mutating func openStream(_ stream: Int, to server: Int) -> Int32 {
    guard let address = servers[server].address else { return StreamSocket.unreachable }
    var descriptor = StreamSocket.connect(to: address)
    if StreamSocket.isExhaustion(descriptor), closeAnyIdle() {
      descriptor = StreamSocket.connect(to: address)
    }
    if descriptor < 0 { return descriptor }
    let token = Token(.streamServer, index: stream, generation: streams.generation(stream))
    guard poller.watchConnection(descriptor, token: token.rawValue) >= 0 else {
      StreamSocket.close(descriptor)
      return StreamSocket.exhausted
    }
    return descriptor
  }

  mutating func streamServerReady(_ stream: Int, _ readiness: Readiness) {
    guard streams[stream].phase != .connecting else {
      finishConnecting(stream: stream, readiness)
      return
    }
    streams[stream].relay.note(.second, readiness)
    if streams[stream].phase == .relaying { relay(stream) }
  }

  private mutating func finishConnecting(stream: Int, _ readiness: Readiness) {
    let error = StreamSocket.error(of: streams[stream].relay.second.descriptor)
    if error < 0 || readiness.contains(.failed) {
      let text = SystemError.text(error < 0 ? 0 &- error : 104)
      noteStreamFailure(stream, .connectFailure, text)
      report(stream: stream, .connectFailed)
      return
    }
    guard readiness.contains(.writable) else { return }
    streams[stream].relay.note(.second, readiness)
    streams[stream].connected = now
    if let server = streams[stream].server { servers[server].streams &+= 1 }
    report(stream: stream, .connected)
  }

  /// A failure that speaks against the stream's server.
  mutating func noteStreamFailure(
    _ stream: Int, _ failure: WorkerNotice.Failure, _ detail: String
  ) {
    guard let server = streams[stream].server, !streams[stream].isJudged else { return }
    streams[stream].isJudged = true
    noteFailure(
      of: server, streams[stream].service, failure, detail, waited: now - streams[stream].tryBegan)
  }

  /// Ends a stream's try at a server, and gives its place to another.
  mutating func leaveStreamServer(_ stream: Int, withReset: Bool) {
    guard streams[stream].hasServer, let server = streams[stream].server else { return }
    let descriptor = streams[stream].relay.second.descriptor
    if withReset {
      StreamSocket.closeWithReset(descriptor)
    } else {
      StreamSocket.close(descriptor)
    }
    streams[stream].relay.second = RelayEnd(descriptor: -1)
    loads[server].openConnections -= 1
    if !streams[stream].isJudged {
      loads[server].abandoned(after: now - streams[stream].tryBegan, now: now)
    }
    ended(streams[stream].service?.id, server)
  }

  // MARK: Waiting

  mutating func enqueueStream(_ stream: Int) {
    guard let service = streams[stream].service else { return }
    let index = service.id.index
    let cold = services[index].coldStart
    if cold != nil { askForServer(index) }
    let server = boundServer(streams[stream].choice, index)
    guard join(stream + Self.firstWaiting, index, server) else {
      services[index].counters.shedQueueFull &+= 1
      report(stream: stream, .queueFull)
      return
    }
    streams[stream].waitsAt = server
    streams[stream].phase = .queued
    armStream(stream, max(service.limits.queueTimeout, cold ?? .zero))
  }

  /// - Returns: whether to go on with the next one in its line.
  mutating func admitStream(_ stream: Int) -> Bool {
    guard let service = streams[stream].service else {
      preconditionFailure("a stream without a service waits for none")
    }
    let choice = chooseServer(for: stream, service.id.index)
    if choice == .full { return false }
    if let server = streams[stream].waitsAt {
      _ = servers[server].waiting.next(now)
    } else {
      _ = services[service.id.index].waiting.next(now)
    }
    streams[stream].phase = .connecting
    let generation = streams.generation(stream)
    proceed(stream: stream, choice)
    // No descriptor is left: it waits again, and so does everyone behind it.
    return !streams.isUsed(stream) || streams.generation(stream) != generation
      || streams[stream].phase != .queued
  }

  mutating func leaveStreamLine(_ stream: Int, _ service: Int) {
    if let server = streams[stream].waitsAt {
      servers[server].waiting.remove(stream + Self.firstWaiting)
    } else {
      services[service].waiting.remove(stream + Self.firstWaiting)
    }
  }
}
