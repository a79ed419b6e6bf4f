import EventLoop
import Primitives
import Proxying
import Topology

/// What happens when time is up.
extension Worker {
  mutating func sweep() {
    resumeAccepting()
    expired.removeAll(keepingCapacity: true)
    clientDeadlines.sweep(now: now, into: &expired)
    for client in expired where clients.isUsed(client) { clientExpired(client) }
    expired.removeAll(keepingCapacity: true)
    upstreamDeadlines.sweep(now: now, into: &expired)
    for upstream in expired where upstreams.isUsed(upstream) && upstreams[upstream].client == nil {
      closeIdle(upstream)
    }
    if let deadline = drainDeadline { drain(deadline) }
  }

  private mutating func clientExpired(_ client: Int) {
    if !clients[client].output.isEmpty {
      writeExpired(client)
      return
    }
    switch clients[client].phase {
    case .head:
      if clients[client].input.isEmpty {
        closeClient(client)
      } else {
        refuse(client, status: 408, reason: "request-timeout")
      }
    case .lingering: closeClient(client)
    case .queued, .exchange, .backoff: requestExpired(client)
    }
  }

  /// The client took too little of its answer for epoll to tell. Whether it took anything at all,
  /// only trying to send shows.
  private mutating func writeExpired(_ client: Int) {
    let isInTime = clients[client].phase != .exchange || now < clients[client].request.totalDeadline
    if isInTime, flushClient(client) { return }
    if clients.isUsed(client) { abandon(client) }
  }

  private mutating func requestExpired(_ client: Int) {
    let total = clients[client].request.totalDeadline
    let timeout = clients[client].request.phaseTimeout
    if now >= total {
      report(client, .timedOut(.total))
      return
    }
    if now >= clients[client].request.hedgeDue {
      clients[client].request.hedgeDue = .distantFuture
      clientDeadlines.set(client, clients[client].request.nextDeadline)
      report(client, .hedgeDue)
      return
    }
    guard now >= clients[client].request.phaseDeadline else {
      clientDeadlines.set(client, clients[client].request.nextDeadline)
      return
    }
    if clients[client].phase == .backoff {
      clients[client].phase = .exchange
      chooseServer(client)
      return
    }
    if clients[client].phase == .queued, let service = clients[client].request.service {
      services[service.id.index].counters.shedQueueTimeout &+= 1
    }
    switch timeout {
    case .connect: failTry(client, .timeout, "no connection in time", .timedOut(.connect))
    case .tryAnswer: failTry(client, .timeout, "no answer in time", .timedOut(.tryAnswer))
    case .answer: failTry(client, .timeout, "no answer in time", .timedOut(.answer))
    case .queue, .total, .requestBody, .answerBody: report(client, .timedOut(timeout))
    }
  }

  // MARK: Draining

  private mutating func drain(_ deadline: Instant) {
    guard !isDrained else { return }
    if now >= deadline {
      for client in 0..<clients.extent where clients.isUsed(client) { abandon(client) }
    }
    guard clients.count == 0 else { return }
    isDrained = true
    drainDeadline = .distantFuture
    accessLog?.flush(now)
    notices(.drained(worker: number))
  }
}
