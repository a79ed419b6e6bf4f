import Primitives

/// What servers do with what reaches them.
extension Simulator {
  func reached(_ ticket: Ticket) {
    guard let attempt = attempt(ticket) else { return }
    let server = tries[attempt].server
    if servers[server].isDead {
      heap.schedule(.closed(ticket), at: now + scenario.networkDelay)
      return
    }
    if let place = tries[attempt].request.flatMap(request) {
      requests[place].deliveries += 1
      watch?.delivered(requests[place])
    }
    let errors = tries[attempt].check == nil ? servers[server].errorShare : 0
    if errors > 0, chance.fraction() < errors {
      answer(attempt, status: 503)
    } else if servers[server].hasPlace, !servers[server].isHung {
      serve(attempt)
    } else if servers[server].queue.count < servers[server].model.backlog {
      servers[server].queue.append(ticket.place)
    } else {
      answer(attempt, status: 503)
    }
    recorder.load(server, servers[server].inflight)
  }

  private func answer(_ attempt: Int, status: Int16) {
    heap.schedule(
      .answered(ticket(attempt: attempt), status: status), at: now + scenario.networkDelay)
  }

  private func serve(_ attempt: Int) {
    let server = tries[attempt].server
    servers[server].countWork(now)
    tries[attempt].servingPlace = servers[server].serving.count
    servers[server].serving.append(Int32(truncatingIfNeeded: attempt))
    var span = TimeSpan.zero
    if tries[attempt].check == nil {
      var random = SeededRandom(seed: tries[attempt].seed)
      span = servers[server].model.time.draw(&random)
    }
    span = max(span.scaled(by: servers[server].factor), servers[server].stall)
    heap.schedule(
      .served(ticket(attempt: attempt), incarnation: servers[server].incarnation), at: now + span)
  }

  func served(_ ticket: Ticket, _ incarnation: UInt32) {
    guard let attempt = attempt(ticket) else { return }
    let server = tries[attempt].server
    guard servers[server].incarnation == incarnation else { return }
    if servers[server].isHung {
      servers[server].held.append(ticket.place)
      return
    }
    stopServing(attempt)
    if tries[attempt].request == nil, tries[attempt].check == nil {
      free(attempt: attempt)
    } else {
      answer(attempt, status: 200)
    }
    serveQueue(server)
  }

  private func stopServing(_ attempt: Int) {
    let server = tries[attempt].server
    let place = tries[attempt].servingPlace
    servers[server].countWork(now)
    guard let last = servers[server].serving.popLast() else { return }
    if Int(last) != attempt {
      servers[server].serving[place] = last
      tries[Int(last)].servingPlace = place
    }
    tries[attempt].servingPlace = -1
  }

  func serveQueue(_ server: Int) {
    while servers[server].hasPlace, !servers[server].isHung,
      let next = servers[server].queue.popFirst()
    {
      serve(Int(next))
    }
  }

  /// Its process is gone, and with it all that it worked on.
  func die(_ server: Int) {
    servers[server].countWork(now)
    servers[server].incarnation &+= 1
    let lost = servers[server].serving + servers[server].queue.removeAll()
    servers[server].serving = []
    servers[server].held = []
    for place in lost {
      tries[Int(place)].servingPlace = -1
      // An idle connection that broke under a request looks stale only before the request was sent.
      tries[Int(place)].isReused = false
      heap.schedule(.closed(ticket(attempt: Int(place))), at: now + scenario.networkDelay)
    }
    for worker in workers { worker.idle[server] = 0 }
  }

  /// What a hung server had done already goes out, and it works on.
  func wake(_ server: Int) {
    let held = servers[server].held
    servers[server].held = []
    for place in held {
      heap.schedule(
        .served(ticket(attempt: Int(place)), incarnation: servers[server].incarnation), at: now)
    }
    serveQueue(server)
  }

  /// What the control plane samples once a second.
  func secondPassed() {
    guard upcoming != nil else { return }
    heap.schedule(.second, at: now + .seconds(1))
    measureLoads()
  }
}
