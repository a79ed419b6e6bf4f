import Balancing
import EventLoop
import Primitives
import Proxying
import Topology

/// A second try beside a slow first one; the first answer wins.
extension Worker {
  /// The exchange allows it. Where no other server has room, the first try just goes on.
  mutating func hedge(_ client: Int) {
    guard let upstream = beginHedge(client) else {
      report(client, .hedgeFailed)
      return
    }
    let isReused = upstreams[upstream].isReused
    if let service = clients[client].request.service {
      services[service.id.index].counters.hedges &+= 1
    }
    report(client, .hedgeBegan(isReused: isReused))
    if isReused { sendHedge(client, upstream) }
  }

  /// - Returns: the place of a connection to a server that was not asked yet; nil without one.
  private mutating func beginHedge(_ client: Int) -> Int? {
    guard let service = clients[client].request.service,
      case .server(let server)? = choose(client, service.id.index),
      !clients[client].request.choice.tried.contains(server)
    else { return nil }
    let idle = service.proxyHeader == nil ? takeIdle(server) : nil
    let upstream = idle ?? (service.isMultiplexed ? openStream(server, service) : connect(server))
    guard upstream >= 0 else { return nil }
    clients[client].request.choice.tried.insert(server)
    clients[client].request.hedge = upstream
    clients[client].request.hedgeBegan = now
    servers[server].requests &+= 1
    noteTry(client, server, isHedge: true, isReused: upstreams[upstream].isReused)
    upstreams[upstream].begin(client, now: now)
    began(server)
    return upstream
  }

  mutating func hedgeReady(_ client: Int, _ upstream: Int, _ readiness: Readiness) {
    if !upstreams[upstream].isConnected {
      switch open(upstream, readiness) {
      case .underWay: return
      case .failed(let text):
        failHedge(client, .connectFailure, text)
        return
      case .open: sendHedge(client, upstream)
      }
    } else if readiness.contains(.writable), !upstreams[upstream].isWritable {
      upstreams[upstream].isWritable = true
      _ = flushUpstream(upstream)
    }
    judgeHedge(client, upstream)
  }

  /// Bytes of an answer make it the try, until one of the two has a whole head.
  mutating func judgeHedge(_ client: Int, _ upstream: Int) {
    guard clients[client].request.hedge == upstream, upstreams[upstream].isReadable else { return }
    if answerDrill != nil, isHeldByDrill(upstream) { return }
    let waiting = peek(upstream)
    if waiting > 0 {
      let first = clients[client].request.upstream
      takeHedge(client)
      clients[client].request.hedge = first
      clients[client].request.hedgeHasWon.toggle()
      report(client, .hedgeWon)
      relayAnswer(client, upstream)
    } else if waiting == StreamSocket.wouldBlock || waiting == StreamSocket.interrupted {
      upstreams[upstream].isReadable = waiting == StreamSocket.interrupted
    } else {
      failHedge(client, .reset, "the connection was closed before the answer")
    }
  }

  mutating func sendHedge(_ client: Int, _ upstream: Int) {
    upstreams[upstream].isConnected = true
    clients[client].request.hedgeConnected = now
    if !upstreams[upstream].isReused { noteConnected(client, upstream) }
    if sendReplay(client, upstream) < 0 {
      closeHedge(client)
      report(client, .hedgeFailed)
    }
  }

  mutating func failHedge(
    _ client: Int, _ failure: WorkerNotice.Failure, _ detail: String
  ) {
    guard let upstream = clients[client].request.hedge else { return }
    note(client, upstreams[upstream].server, .init(failure))
    // That an idle connection was closed in the meantime says nothing of its server.
    if !upstreams[upstream].isReused {
      let waited = now - clients[client].request.hedgeBegan
      noteFailure(client, upstreams[upstream].server, failure, detail, waited: waited)
      upstreams[upstream].isJudged = true
    }
    closeHedge(client)
    report(client, .hedgeFailed)
  }

  /// The first try is over, and the second is still under way: it is the only one now.
  mutating func useHedge(_ client: Int) {
    if let server = clients[client].request.lastServer { note(client, server, .overtaken) }
    release(client, keep: false)
    takeHedge(client)
    guard let upstream = clients[client].request.upstream else { return }
    guard upstreams[upstream].isConnected else {
      arm(client, .connect, clients[client].request.service?.timeouts.connect ?? .zero)
      return
    }
    armExchange(client, upstream)
    if upstreams[upstream].isReadable { relayAnswer(client, upstream) }
  }

  private mutating func takeHedge(_ client: Int) {
    guard let upstream = clients[client].request.hedge else { return }
    clients[client].request.hedge = nil
    clients[client].request.upstream = upstream
    clients[client].request.lastServer = upstreams[upstream].server
    let first = (clients[client].request.tryBegan, clients[client].request.connected)
    clients[client].request.tryBegan = clients[client].request.hedgeBegan
    clients[client].request.connected = clients[client].request.hedgeConnected
    (clients[client].request.hedgeBegan, clients[client].request.hedgeConnected) = first
  }

  /// One of the two has its answer's head.
  mutating func endHedging(_ client: Int, _ server: Int) {
    clients[client].request.hedgeDue = .distantFuture
    guard clients[client].request.exchange.hedges > 0 else { return }
    if clients[client].request.hedgeHasWon {
      if let service = clients[client].request.service {
        services[service.id.index].counters.hedgesWon &+= 1
      }
      // The session begins where the answer comes from, not where it was asked for first.
      beginSession(client, server)
    }
    closeHedge(client)
  }

  /// Ends the second try, whose answer nobody needs.
  mutating func closeHedge(_ client: Int) {
    guard let upstream = clients[client].request.hedge else { return }
    clients[client].request.hedge = nil
    if !clients[client].request.hedgeHasWon, let service = clients[client].request.service {
      services[service.id.index].counters.hedgesLost &+= 1
    }
    note(client, upstreams[upstream].server, .overtaken)
    upstreams[upstream].client = nil
    leave(upstream, clients[client].request.service?.id)
    closeUpstream(upstream)
  }
}
