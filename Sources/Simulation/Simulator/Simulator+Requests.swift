import Balancing
import Primitives
import Proxying
import Topology

/// A request's way: what the data plane's driver does around the exchange.
extension Simulator {
  func nextArrival() {
    upcoming = arrivals.next()
    if let upcoming { heap.schedule(.arrival, at: origin + upcoming.at) }
  }

  func arrive() {
    guard let arrival = upcoming else { return }
    nextArrival()
    let place = newRequest()
    let worker = workers.count > 1 ? chance.below(workers.count) : 0
    requests[place].worker = worker
    requests[place].client = arrival.key
    requests[place].choice.key = Self.hash(arrival.key)
    requests[place].choice.session = session(of: arrival.key, workers[worker])
    requests[place].isIdempotent = arrival.isIdempotent
    requests[place].seed = arrival.seed
    requests[place].began = now
    requests[place].leaves = now + scenario.clientTimeout
    let total = scenario.service.timeouts.total
    if total > .zero { requests[place].totalDeadline = now + total }
    requests[place].exchange.begin(
      Exchange.Request(
        isIdempotent: arrival.isIdempotent, hasBody: false, keepsConnection: true),
      policy: scenario.service.retries)
    workers[worker].budget.countRequest(now)
    recorder.arrived(elapsed)
    watch?.requestBegan(worker: worker, now: now)
    chooseServer(place)
    if requests[place].isUsed { arm(place) }
  }

  /// A client's number, spread over all of the hash's range (SplitMix64's finish).
  static func hash(_ key: UInt64) -> UInt64 {
    var random = SeededRandom(seed: key)
    return random.next()
  }

  // MARK: The exchange

  /// Tells the exchange what happened and does what it says.
  func report(_ place: Int, _ event: Exchange.Event) {
    let worker = workers[requests[place].worker]
    let action = requests[place].exchange.handle(
      event, budget: &worker.budget, random: &worker.random, now: now)
    switch action {
    // No simulated request asks for a tunnel.
    case .none, .tunnel, .passEnd: break
    case .tryAgain(let reason, let wait): tryAgain(place, reason, after: wait)
    case .hedge: hedge(place)
    case .useHedge: useHedge(place)
    case .fail(let failure): conclude(place, .failed("\(failure.reason)"))
    // What came of it was noted with the answer's head.
    case .finish: conclude(place, .answered)
    case .cut: conclude(place, .failed("cut"))
    case .abandon: conclude(place, .failed("client-timeout"))
    }
  }

  func chooseServer(_ place: Int) {
    proceed(place, choose(place))
  }

  func choose(_ place: Int) -> Balancer.Choice {
    let worker = workers[requests[place].worker]
    let choice = worker.choose(requests[place].choice, now: now)
    if case .server(let server) = choice {
      watch?.chose(server, for: requests[place].choice, worker: requests[place].worker, self)
    }
    return choice
  }

  func proceed(_ place: Int, _ choice: Balancer.Choice) {
    switch choice {
    case .none: report(place, .noServer)
    case .full: enqueue(place)
    case .server(let server): beginTry(place, server)
    }
  }

  private func beginTry(_ place: Int, _ server: Int) {
    let attempt = dispatch(place, to: server)
    requests[place].phase = .exchange
    requests[place].lastServer = server
    placed(requests[place].client, server, workers[requests[place].worker])
    requests[place].attempt = ticket(attempt: attempt)
    let hedgeAfter = scenario.service.retries.hedgeAfter
    if hedgeAfter > .zero, requests[place].exchange.hedges == 0 {
      requests[place].hedgeDue = now + hedgeAfter
    }
    report(place, .tryBegan(isReused: tries[attempt].isReused))
    if tries[attempt].isConnected {
      report(place, .sent)
      awaitAnswer(place)
    } else {
      wait(place, .connect, scenario.service.timeouts.connect)
    }
  }

  /// A new try on its way to a server.
  private func dispatch(_ place: Int, to server: Int) -> Int {
    let number = requests[place].worker
    let worker = workers[number]
    requests[place].choice.tried.insert(server)
    requests[place].tries += 1
    let attempt = newTry(worker: number, server: server)
    tries[attempt].request = ticket(request: place)
    tries[attempt].seed = requests[place].seed &+ UInt64(requests[place].tries)
    recorder.tried(server, elapsed, ailments: servers[server].ailments)
    worker.began(server, now: now)
    let isLost = servers[server].lossShare > 0 && chance.fraction() < servers[server].lossShare
    tries[attempt].isLost = isLost
    if worker.idle[server] > 0 {
      worker.idle[server] -= 1
      tries[attempt].isReused = true
      tries[attempt].isConnected = true
      tries[attempt].sent = now
      if !isLost { heap.schedule(.reached(ticket(attempt: attempt)), at: now + delay) }
    } else if !isLost {
      heap.schedule(.connectEnded(ticket(attempt: attempt)), at: now + delay + delay)
    }
    return attempt
  }

  private var delay: TimeSpan { scenario.networkDelay }

  func connected(_ place: Int, _ attempt: Int) {
    tries[attempt].isConnected = true
    tries[attempt].sent = now
    heap.schedule(.reached(ticket(attempt: attempt)), at: now + delay)
    if tries[attempt].isHedge { return }
    report(place, .sent)
    awaitAnswer(place)
    arm(place)
  }

  private func awaitAnswer(_ place: Int) {
    let perTry = scenario.service.retries.perTryTimeout
    let whole = scenario.service.timeouts.response
    if perTry > .zero, whole == .zero || perTry < whole {
      wait(place, .tryAnswer, perTry)
    } else {
      wait(place, .answer, whole)
    }
  }

  private func tryAgain(_ place: Int, _ reason: Exchange.RetryReason, after wait: TimeSpan) {
    drop(requests[place].attempt)
    requests[place].attempt = nil
    closeHedge(place)
    requests[place].hedgeDue = .distantFuture
    recorder.retried(reason, elapsed)
    if reason != .staleConnection {
      watch?.retried(worker: requests[place].worker, now: now)
    } else if let server = requests[place].lastServer {
      workers[requests[place].worker].idle[server] = 0
      beginTry(place, server)
      return
    }
    guard wait > .zero else {
      chooseServer(place)
      return
    }
    requests[place].phase = .backoff
    self.wait(place, .queue, wait)
  }

  // MARK: Hedges

  private func hedge(_ place: Int) {
    guard case .server(let server) = choose(place), !requests[place].choice.tried.contains(server)
    else {
      report(place, .hedgeFailed)
      return
    }
    watch?.retried(worker: requests[place].worker, now: now)
    recorder.retried(.hedge, elapsed)
    let attempt = dispatch(place, to: server)
    tries[attempt].isHedge = true
    requests[place].hedge = ticket(attempt: attempt)
    report(place, .hedgeBegan(isReused: tries[attempt].isReused))
  }

  private func useHedge(_ place: Int) {
    drop(requests[place].attempt)
    requests[place].attempt = nil
    takeHedge(place)
    guard let heir = requests[place].attempt.flatMap(attempt) else { return }
    if tries[heir].isConnected {
      awaitAnswer(place)
    } else {
      wait(place, .connect, scenario.service.timeouts.connect)
    }
    arm(place)
  }

  /// The two change their parts.
  func takeHedge(_ place: Int) {
    (requests[place].attempt, requests[place].hedge) =
      (requests[place].hedge, requests[place].attempt)
    if let now = requests[place].attempt.flatMap(attempt) {
      tries[now].isHedge = false
      requests[place].lastServer = tries[now].server
    }
    if let then = requests[place].hedge.flatMap(attempt) { tries[then].isHedge = true }
  }

  func closeHedge(_ place: Int) {
    drop(requests[place].hedge)
    requests[place].hedge = nil
  }

  /// Nobody waits for this try any more; its server doesn't know.
  func drop(_ ticket: Ticket?) {
    guard let ticket, let attempt = attempt(ticket), tries[attempt].request != nil else { return }
    tries[attempt].request = nil
    leave(attempt)
    if tries[attempt].isLost { free(attempt: attempt) }
  }

  /// A try is no longer under way, as far as Ballast is concerned.
  func leave(_ attempt: Int) {
    let worker = workers[tries[attempt].worker]
    let server = tries[attempt].server
    if !tries[attempt].isJudged {
      worker.loads[server].abandoned(after: now - tries[attempt].began, now: now)
    }
    worker.ended(server)
  }

  // MARK: Time

  /// Sets the deadline of the present phase; zero is none.
  func wait(_ place: Int, _ timeout: Exchange.Timeout, _ span: TimeSpan) {
    requests[place].phaseDeadline = span == .zero ? .distantFuture : now + span
    requests[place].phaseTimeout = timeout
  }

  /// Plans the next look at a request's deadlines.
  func arm(_ place: Int) {
    let next = requests[place].nextDeadline
    guard next < requests[place].timer else { return }
    requests[place].timer = next
    heap.schedule(.requestTimer(ticket(request: place)), at: next)
  }

  func timerFired(_ ticket: Ticket) {
    guard let place = request(ticket), requests[place].timer == now else { return }
    requests[place].timer = .distantFuture
    if now >= requests[place].leaves {
      report(place, .clientClosed)
    } else if now >= requests[place].totalDeadline {
      report(place, .timedOut(.total))
    } else if now >= requests[place].hedgeDue {
      requests[place].hedgeDue = .distantFuture
      report(place, .hedgeDue)
    } else if now >= requests[place].phaseDeadline {
      requests[place].phaseDeadline = .distantFuture
      phaseExpired(place)
    }
    if request(ticket) != nil { arm(place) }
  }

  private func phaseExpired(_ place: Int) {
    switch requests[place].phaseTimeout {
    case .queue where requests[place].phase == .backoff: chooseServer(place)
    case .connect: failTry(place, isCertain: false, .timedOut(.connect))
    case .tryAnswer: failTry(place, isCertain: false, .timedOut(.tryAnswer))
    case .answer: failTry(place, isCertain: false, .timedOut(.answer))
    case let timeout: report(place, .timedOut(timeout))
    }
  }

  // MARK: Ends

  enum Outcome {
    case answered
    case failed(String)
  }

  func conclude(_ place: Int, _ outcome: Outcome) {
    drop(requests[place].attempt)
    closeHedge(place)
    if requests[place].phase == .queued {
      let worker = workers[requests[place].worker]
      worker.waiting.remove(place)
    }
    if case .failed(let kind) = outcome {
      let ailments = requests[place].lastServer.map { servers[$0].ailments } ?? []
      recorder.failed(
        kind, after: now - requests[place].began, elapsed, hasLeft: kind == "client-timeout",
        ailments: ailments)
    }
    recorder.underWay -= 1
    watch?.requestEnded(requests[place])
    free(request: place)
  }
}
