import Balancing
import EventLoop
import Primitives
import Proxying
import TLS
import Telemetry
import Topology
import Wire

/// Carrying out what an exchange decides, and how requests end.
extension Worker {
  /// Tells the exchange what happened and does what it says.
  mutating func report(_ client: Int, _ event: Exchange.Event) {
    let action: Exchange.Action
    let service = clients[client].request.servicePlace
    if service >= 0 {
      action = clients[client].request.exchange.handle(
        event, budget: &services[service].budget, random: &random, now: now)
    } else {
      var none = services.isEmpty ? .init(share: 0) : services[0].budget
      action = clients[client].request.exchange.handle(
        event, budget: &none, random: &random, now: now)
    }
    switch action {
    case .none: break
    case .tryAgain(let reason, let wait): tryAgain(client, reason, after: wait)
    case .hedge: hedge(client)
    case .useHedge: useHedge(client)
    case .fail(let failure): failRequest(client, failure)
    case .finish(let keeps): finishRequest(client, keeps: keeps)
    case .tunnel: beginTunnel(client)
    case .passEnd(let side): passEnd(client, to: side)
    case .cut:
      if let server = clients[client].request.lastServer { note(client, server, .cut) }
      release(client, keep: false, withReset: clients[client].phase == .tunnel)
      conclude(client)
      closeClient(client, withReset: true)
    case .abandon: abandon(client)
    }
  }

  private mutating func tryAgain(
    _ client: Int, _ reason: Exchange.RetryReason, after wait: TimeSpan
  ) {
    if let server = clients[client].request.lastServer { note(client, server, .init(reason)) }
    release(client, keep: false)
    closeHedge(client)
    clients[client].request.hedgeDue = .distantFuture
    guard let service = clients[client].request.service else { return }
    let index = service.id.index
    switch reason {
    case .connectFailure: services[index].counters.retriesAfterConnectFailure &+= 1
    case .reset: services[index].counters.retriesAfterReset &+= 1
    case .timeout: services[index].counters.retriesAfterTimeout &+= 1
    case .gatewayError: services[index].counters.retriesAfterGatewayError &+= 1
    case .refusedStream: services[index].counters.retriesAfterRefusal &+= 1
    case .grpcStatus: services[index].counters.retriesAfterGRPCStatus &+= 1
    case .hedge: break
    case .staleConnection:
      services[index].counters.retriesAfterReset &+= 1
      if let server = clients[client].request.lastServer, servers[server].address != nil {
        attach(client, server, freshly: true)
        return
      }
    }
    guard wait > .zero else {
      chooseServer(client)
      return
    }
    clients[client].phase = .backoff
    arm(client, .queue, wait)
  }

  /// A try failed for a reason that speaks against its server.
  mutating func failTry(
    _ client: Int, _ failure: WorkerNotice.Failure, _ detail: String, _ event: Exchange.Event
  ) {
    if let server = clients[client].request.lastServer {
      note(client, server, .init(failure))
      let waited = now - clients[client].request.tryBegan
      noteFailure(client, server, failure, detail, waited: waited)
    }
    if let upstream = clients[client].request.upstream {
      upstreams[upstream].staysClean = false
      upstreams[upstream].isJudged = true
    }
    release(client, keep: false)
    report(client, event)
  }

  mutating func noteFailure(
    _ client: Int, _ server: Int, _ failure: WorkerNotice.Failure, _ detail: String,
    waited: TimeSpan
  ) {
    servers[server].codes.count(0)
    noteFailure(
      of: server, clients[client].request.service, failure, detail, waited: waited)
  }

  /// Holds a failure against its server and tells of it.
  mutating func noteFailure(
    of server: Int, _ service: Service?, _ failure: WorkerNotice.Failure, _ detail: String,
    waited: TimeSpan
  ) {
    servers[server].failures &+= 1
    if let service {
      let policy = ejection(of: server, service)
      let change = loads[server].failed(
        isCertain: failure == .connectFailure, after: waited,
        policy: policy ?? service.ejection, mayEject: policy != nil, now: now)
      loadChanged(server)
      if let change { tell(server, change) }
    }
    guard now - servers[server].lastNotice >= DataPlaneLimits.noticeGap else { return }
    servers[server].lastNotice = now
    notices(.serverFailed(ServerID(server), failure, detail: detail))
  }

  /// A server's final answer came.
  /// - Parameter judged: the status that it is judged by, where that is another.
  mutating func countAnswer(
    _ client: Int, _ upstream: Int, _ status: Int, judged: Int? = nil
  ) {
    let server = upstreams[upstream].server
    servers[server].codes.count(status)
    clients[client].request.tries.answered(
      server, status, after: now - clients[client].request.began)
    if judged ?? status >= 500 { servers[server].failures &+= 1 }
    guard let service = clients[client].request.service else { return }
    let sent = max(clients[client].request.connected, clients[client].request.requestEnded)
    judgeAnswer(upstream, service, judged ?? status, after: now - sent)
  }

  // MARK: Ends

  mutating func finishRequest(_ client: Int, keeps: Bool) {
    release(client, keep: true)
    conclude(client)
    if let stream = clients[client].stream {
      endStream(client, stream)
      return
    }
    clients[client].phase = .head
    if !keeps { clients[client].closesAfterOutput = true }
    guard clients[client].output.isEmpty else { return }
    if clients[client].closesAfterOutput {
      linger(client)
    } else {
      awaitRequest(client)
      guard clients.isUsed(client) else { return }
      if clients[client].inputIsFresh || clients[client].isReadable {
        let generation = clients.generation(client)
        unfinished.append(Token(.client, index: client, generation: generation).rawValue)
      }
    }
  }

  /// Idle between requests, or already in the next one's head. Closes the connection when Ballast
  /// stops.
  mutating func awaitRequest(_ client: Int) {
    let idle = clients[client].input.isEmpty
    clients[client].hasServed = true
    let place = clients[client].place
    let span = idle ? listeners[place].policy.idleTime : listeners[place].policy.headTime
    clientDeadlines.set(client, now + span)
    if drainDeadline != nil, drain == .closingIdle, idle { closeClient(client) }
  }

  /// Answers with our own error.
  /// - Parameter retryAfter: seconds, for 429 and 503.
  mutating func failRequest(
    _ client: Int, _ failure: ExchangeFailure, retryAfter: Int = 1
  ) {
    release(client, keep: false)
    let request = clients[client].request
    let isComplete = request.exchange.hasRequestEnded && failure != .requestTimeout
    let keeps =
      isComplete && request.exchange.keepsConnectionAfterAnswer && drainDeadline == nil
    var form = OwnAnswer.Form(
      isJSON: wantsJSON(client), isHead: request.isHead, keepsConnection: keeps,
      isOldClient: request.isOldClient)
    form.retryAfter = retryAfter
    form.strictTransport = strictTransport(client)
    clients[client].request.status = failure.status
    clients[client].request.reason = failure.reason
    writer.removeAll()
    if clients[client].request.isCall {
      let status = GRPCStatus(status: failure.status)
      clients[client].request.callStatus = status
      clients[client].request.endsWithHead = true
      OwnAnswer.writeCall(status, reason: failure.reason, form: form, to: &writer)
    } else {
      let page = errorPage(client, failure.status, wantsJSON: form.isJSON)
      OwnAnswer.write(
        status: failure.status, reason: failure.reason, form: form, page: page, to: &writer)
    }
    clients[client].closesAfterOutput = !keeps
    unsafe sendToClient(client, writer.bytes)
    finishRequest(client, keeps: keeps)
  }

  /// Answers bytes that are no request, and closes.
  mutating func refuse(_ client: Int, _ error: HeadError) {
    refuse(client, status: error.status, reason: error.reason)
  }

  mutating func refuse(_ client: Int, status: Int, reason: StaticString) {
    clients[client].request.began = now
    clients[client].request.status = status
    clients[client].request.reason = reason
    writer.removeAll()
    var form = OwnAnswer.Form(
      isJSON: false, isHead: false, keepsConnection: false, isOldClient: false)
    form.strictTransport = strictTransport(client)
    OwnAnswer.write(
      status: status, reason: reason, form: form,
      page: errorPage(client, status, wantsJSON: false), to: &writer)
    if clients[client].stream == nil { clients[client].input.removeAll() }
    clients[client].closesAfterOutput = true
    unsafe sendToClient(client, writer.bytes)
    conclude(client)
    if let stream = clients[client].stream {
      endStream(client, stream)
      return
    }
    if clients[client].output.isEmpty {
      linger(client)
    } else {
      clients[client].phase = .lingering
    }
  }

  /// Closes our side and waits a moment for the client to close its own, so that no reset can
  /// overtake the answer (RFC 9112 section 9.6).
  mutating func linger(_ client: Int) {
    // What a client sent before it closed has to be read, or our close is a reset.
    if clients[client].peerClosed, !clients[client].isReadable {
      closeClient(client)
      return
    }
    clients[client].phase = .lingering
    // Of a tunnel that was ended: nobody waited for the client to take it.
    clients[client].spliced.release(&pipes)
    endSending(toClient: client)
    clients[client].input.removeAll()
    clientDeadlines.set(client, now + DataPlaneLimits.lingeringTime)
    let generation = clients.generation(client)
    unfinished.append(Token(.client, index: client, generation: generation).rawValue)
  }

  /// The client is gone, or nobody is left to answer. What it got of an answer must not look whole.
  mutating func abandon(_ client: Int) {
    if clients[client].phase == .tunnel {
      breakTunnel(client, .clientClosed)
      return
    }
    if clients[client].phase == .handshake {
      failHandshake(client, .reset)
      return
    }
    let isCut =
      !clients[client].output.isEmpty
      || clients[client].phase == .exchange && clients[client].request.exchange.isAnswering
    if clients[client].phase == .exchange || clients[client].phase == .queued
      || clients[client].phase == .backoff
    {
      if let server = clients[client].request.lastServer { note(client, server, .abandoned) }
      release(client, keep: false)
      conclude(client)
    }
    closeClient(client, withReset: isCut)
  }

  /// The route's, else the listener's, else the one for all; nil leaves it to our own text.
  private mutating func errorPage(_ client: Int, _ status: Int, wantsJSON: Bool) -> ErrorPages.Page?
  {
    let request = clients[client].request
    let topology = request.snapshot.version == 0 ? snapshot : request.snapshot
    if let route = request.route,
      let page = topology.routes[route].errorPages.find(status, wantsJSON: wantsJSON)
    {
      return page
    }
    let listener = clients[client].listener
    if let place = topology.listeners.firstIndex(where: { $0.id == listener }),
      let page = topology.listeners[place].errorPages.find(status, wantsJSON: wantsJSON)
    {
      return page
    }
    return topology.errorPages.find(status, wantsJSON: wantsJSON)
  }

  private mutating func wantsJSON(_ client: Int) -> Bool {
    let bytes = unsafe clients[client].replay.bytes
    guard bytes.count > 0 else { return false }
    var head = RequestHead()
    let span = unsafe Span<UInt8>(_unsafeBytes: bytes)
    guard (try? head.read(span)) == true else { return false }
    return head.acceptsJSON(span)
  }

  /// Counts and logs a request that has come to its end.
  private mutating func conclude(_ client: Int) {
    let duration = now - clients[client].request.began
    closeHedge(client)
    let isTunnel = clients[client].request.exchange.isTunnel
    // A tunnel's life is no latency; how long the server took to switch is.
    let latency =
      isTunnel ? clients[client].request.answerBegan - clients[client].request.began : duration
    let status = clients[client].request.status
    let service = clients[client].request.service
    let route = clients[client].request.route.map { clients[client].request.snapshot.routes[$0].id }
    let example = statistics.count(
      listener: clients[client].listener, route: route, service: service?.id,
      method: clients[client].request.method, code: status, duration: latency, now: now)
    if let example { keepExemplar(client, example, latency) }
    if let service {
      let index = service.id.index
      if clients[client].phase == .queued { leaveQueue(client, index) }
      services[index].counters.inflight -= 1
      if status == 0 || status >= 500 { services[index].counters.failures &+= 1 }
      if isTunnel { services[index].counters.tunnels -= 1 }
      if clients[client].request.isCall { countCall(client, service.id) }
      // How fast we refuse is no latency of the service.
      if isTunnel || clients[client].request.reason == nil {
        services[index].counters.latencies.record(latency)
        if let server = clients[client].request.lastServer, servers[server].isNew {
          services[index].counters.newLatencies.record(latency)
        }
      }
    }
    if accessLog != nil { logRequest(client, duration, latency: latency) }
    if excess != nil { tellExcess(client) }
    if clients[client].request.compression.encoder != nil { endEncoding(client) }
    let place = remember(client, duration)
    if traces != nil { endTrace(client, place, latency) }
    clients[client].replay.removeAll(keepingUpTo: DataPlaneLimits.keptReplayBytes)
    clients[client].asked.removeAll()
    // Of a stream they go out behind this, and it has no other request.
    if clients[client].stream == nil {
      clients[client].trailers.removeAll()
      clients[client].answerTrailers.removeAll()
    }
    if !clients[client].relayed.isEmpty { clients[client].relayed = [] }
    if keepsLoggedFields { clients[client].logged.removeAll() }
    // A stream has no other request, and goes with it.
    if clients[client].stream == nil { clients[client].request = ActiveRequest() }
  }
}
