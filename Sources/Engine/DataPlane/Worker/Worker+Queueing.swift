import Balancing
import EventLoop
import Primitives
import Proxying
import Topology

/// Requests that wait for a server with room.
///
/// Each service has a line, and each server one for the sessions that are bound to it: a full server
/// holds up its own clients and nobody else's.
extension Worker {
  mutating func enqueue(_ client: Int, _ service: Int, _ timeout: TimeSpan) {
    let cold = services[service].coldStart
    if cold != nil { askForServer(service) }
    let server = boundServer(clients[client].request.choice, service)
    guard join(client, service, server) else {
      services[service].counters.shedQueueFull &+= 1
      report(client, .queueFull)
      return
    }
    if traces != nil { beginWait(client) }
    clients[client].request.waitsAt = server
    clients[client].phase = .queued
    arm(client, .queue, max(timeout, cold ?? .zero))
  }

  /// Tells the control plane that somebody waits where there is no server, once in a while.
  mutating func askForServer(_ service: Int) {
    guard now >= services[service].asksAgain else { return }
    services[service].asksAgain = now + DataPlaneLimits.serverAskingGap
    notices(.serverWanted(ServiceID(service)))
  }

  /// - Returns: false when the line is full.
  mutating func join(_ client: Int, _ service: Int, _ server: Int?) -> Bool {
    guard let server else {
      guard services[service].waiting.append(client, now: now) else { return false }
      if services[service].waiting.count == 1 { queueing.append(service) }
      return true
    }
    guard servers[server].waiting.append(client, now: now) else { return false }
    if servers[server].waiting.count == 1 { queueingServers.append(server) }
    return true
  }

  /// The server that the request's session keeps it to.
  mutating func boundServer(_ choice: Balancer.Request, _ service: Int) -> Int? {
    guard let server = choice.session, !choice.tried.contains(server),
      services[service].balancer?.holdsSession(server, loads: loads, now: now) ?? false
    else { return nil }
    return server
  }

  /// Whether nobody came before it.
  mutating func isLineEmpty(_ choice: Balancer.Request, _ service: Int) -> Bool {
    if let server = boundServer(choice, service) { return servers[server].waiting.count == 0 }
    return services[service].waiting.count == 0
  }

  /// Lets requests go on for which a place may have come free.
  mutating func admitWaiting() {
    if admissions.isEmpty, serverAdmissions.isEmpty { return }
    // What comes free from here on is for the next turn.
    let (bound, free) = (serverAdmissions, admissions)
    serverAdmissions.removeAll(keepingCapacity: true)
    admissions.removeAll(keepingCapacity: true)
    for server in bound {
      while let client = servers[server].waiting.first, admit(client) {}
    }
    for service in free {
      while let client = services[service].waiting.first, admit(client) {}
    }
  }

  /// - Returns: whether to go on with the next one in its line.
  private mutating func admit(_ client: Int) -> Bool {
    if let stream = Self.stream(waitingAs: client) { return admitStream(stream) }
    guard let service = clients[client].request.service else {
      preconditionFailure("a request without a service waits for none")
    }
    let choice = choose(client, service.id.index)
    if choice == .full { return false }
    if let server = clients[client].request.waitsAt {
      _ = servers[server].waiting.next(now)
    } else {
      _ = services[service.id.index].waiting.next(now)
    }
    if traces != nil { endWait(client) }
    clients[client].phase = .exchange
    let generation = clients.generation(client)
    proceed(client, service, choice)
    // No descriptor is left: it waits again, and so does everyone behind it.
    return !clients.isUsed(client) || clients.generation(client) != generation
      || clients[client].phase != .queued
  }

  /// Ends the wait of requests that an overloaded line holds for longer than makes sense.
  mutating func shedOverdue() {
    if !queueing.isEmpty { queueing.removeAll { services[$0].waiting.count == 0 } }
    for service in queueing {
      while let client = services[service].waiting.nextToShed(now) { shed(client, service) }
    }
    if queueingServers.isEmpty { return }
    queueingServers.removeAll { servers[$0].waiting.count == 0 }
    for server in queueingServers {
      guard let service = servers[server].service else { continue }
      while let client = servers[server].waiting.nextToShed(now) { shed(client, service) }
    }
  }

  private mutating func shed(_ client: Int, _ service: Int) {
    services[service].counters.shedOverload &+= 1
    if let stream = Self.stream(waitingAs: client) {
      report(stream: stream, .shed)
      return
    }
    clients[client].phase = .exchange
    report(client, .shed)
  }

  /// A request that waited ends, or its client left.
  mutating func leaveQueue(_ client: Int, _ service: Int) {
    if let server = clients[client].request.waitsAt {
      servers[server].waiting.remove(client)
    } else {
      services[service].waiting.remove(client)
    }
  }
}
