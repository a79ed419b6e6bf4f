import Balancing
import HealthChecking
import Primitives
import Proxying
import Topology

/// What comes back from servers, as the data plane sees it.
extension Simulator {
  func connectEnded(_ ticket: Ticket) {
    guard let attempt = attempt(ticket) else { return }
    guard let place = tries[attempt].request.flatMap(request) else {
      free(attempt: attempt)
      return
    }
    guard servers[tries[attempt].server].isDead else {
      connected(place, attempt)
      return
    }
    if tries[attempt].isHedge {
      failHedge(place, attempt, isCertain: true)
    } else {
      failTry(place, isCertain: true, .connectFailed)
    }
    free(attempt: attempt)
    settle(place)
  }

  func answered(_ ticket: Ticket, _ status: Int) {
    guard let attempt = attempt(ticket) else { return }
    defer { free(attempt: attempt) }
    if let check = tries[attempt].check {
      checkAnswered(attempt, check)
      return
    }
    guard let ours = tries[attempt].request, let place = request(ours) else { return }
    let server = tries[attempt].server
    let worker = workers[tries[attempt].worker]
    let isFailure = CircuitBreaker.isFailure(status: status)
    tries[attempt].isJudged = true
    let wasEjected = worker.loads[server].breaker.isEjected
    recorder.answered(server, isFailure: isFailure, ailments: servers[server].ailments)
    let policy = isFailure ? worker.ejection(of: server, now: now) : nil
    let change = worker.loads[server].answered(
      isFailure: isFailure, after: now - tries[attempt].sent, policy: policy ?? service.ejection,
      mayEject: policy != nil, now: now)
    worker.loadChanged(server)
    if let change { take(change, of: server, by: tries[attempt].worker, again: wasEjected) }
    if isFailure { noticeAvoidance(server, worker) }
    if tries[attempt].isHedge {
      takeHedge(place)
      report(place, .hedgeWon)
    }
    report(place, .answerBytes)
    report(place, .answerHead(status: status))
    guard request(ours) != nil, requests[place].attempt == ticket else {
      settle(place)
      return
    }
    // The answer is relayed: it is the one.
    closeHedge(place)
    remember(requests[place].client, server, worker)
    tries[attempt].request = nil
    requests[place].attempt = nil
    leave(attempt)
    if !servers[server].isDead { worker.idle[server] += 1 }
    if status >= 500 {
      conclude(place, .failed("status-\(status)"))
    } else {
      recorder.succeeded(
        after: now - requests[place].began, elapsed, server: server, client: requests[place].client)
      report(place, .answerEnded)
    }
  }

  func closed(_ ticket: Ticket) {
    guard let attempt = attempt(ticket) else { return }
    defer { free(attempt: attempt) }
    guard let place = tries[attempt].request.flatMap(request) else { return }
    if tries[attempt].isHedge {
      failHedge(place, attempt, isCertain: false)
    } else if tries[attempt].isReused {
      // An idle connection that the server had closed says nothing of the server.
      report(place, .serverClosed(isReset: true))
    } else {
      failTry(place, isCertain: false, .serverClosed(isReset: true))
    }
    settle(place)
  }

  private func failHedge(_ place: Int, _ attempt: Int, isCertain: Bool) {
    if !tries[attempt].isReused { judgeFailed(attempt, isCertain: isCertain) }
    closeHedge(place)
    report(place, .hedgeFailed)
  }

  /// A try failed for a reason that speaks against its server.
  func failTry(_ place: Int, isCertain: Bool, _ event: Exchange.Event) {
    if let attempt = requests[place].attempt.flatMap(attempt) {
      judgeFailed(attempt, isCertain: isCertain)
    }
    drop(requests[place].attempt)
    requests[place].attempt = nil
    report(place, event)
  }

  private func judgeFailed(_ attempt: Int, isCertain: Bool) {
    let server = tries[attempt].server
    let worker = workers[tries[attempt].worker]
    tries[attempt].isJudged = true
    let wasEjected = worker.loads[server].breaker.isEjected
    recorder.answered(server, isFailure: true, ailments: servers[server].ailments)
    let policy = worker.ejection(of: server, now: now)
    let change = worker.loads[server].failed(
      isCertain: isCertain, after: now - tries[attempt].began, policy: policy ?? service.ejection,
      mayEject: policy != nil, now: now)
    worker.loadChanged(server)
    if let change { take(change, of: server, by: tries[attempt].worker, again: wasEjected) }
    noticeAvoidance(server, worker)
    guard now - worker.lastNotice[server] >= Self.noticeGap else { return }
    worker.lastNotice[server] = now
    handleCheck(server, .trafficFailed)
  }

  /// Between two notices about one server.
  private static let noticeGap = TimeSpan.milliseconds(100)

  /// After what may have planned deadlines of a request that may have ended.
  private func settle(_ place: Int) {
    if requests[place].isUsed { arm(place) }
  }

  private func noticeAvoidance(_ server: Int, _ worker: SimulatedWorker) {
    if !worker.loads[server].breaker.admits(now) {
      recorder.noticed(servers[server].ailments, elapsed)
    }
  }

  /// What one worker holds against a server, the others need not find out for themselves.
  /// - Parameter again: it was left out already, and a trial failed.
  private func take(
    _ change: CircuitBreaker.Change, of server: Int, by worker: Int, again: Bool
  ) {
    guard case .ejected(let until, _) = change else { return }
    recorder.ejected(server, elapsed, hadFault: hasSigns(server))
    if !again { watch?.ejected(server, worker: worker, self) }
    for other in workers.indices where other != worker {
      workers[other].eject(server, until: until, now: now)
    }
  }
}
