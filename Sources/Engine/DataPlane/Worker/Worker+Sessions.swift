import Balancing
import EventLoop
import Primitives
import Proxying
import Topology
import Wire

/// What ties a client's requests to a server: the key that is hashed, and sessions.
extension Worker {
  /// Finds what the choice of a server depends on; the head stands in `requestHead`.
  mutating func placeRequest(_ client: Int, _ service: Service, _ bytes: Span<UInt8>) {
    if case .hash(let policy) = service.algorithm {
      clients[client].request.choice.key = RequestKeyHash.hash(
        policy.keys, requestHead, bytes, client: clients[client].address, now: Clock.wallTime)
    }
    if let match = service.shift?.match {
      clients[client].request.choice.isForNew = match.matches(requestHead, bytes)
    }
    guard service.stickiness != nil else { return }
    let session = services[service.id.index].sessions.begin(
      requestHead, bytes, client: clients[client].address, secret: sessionKey, now: now)
    clients[client].request.session = session
    clients[client].request.choice.session = kept(session.server, clients[client].request.choice)
  }

  /// Nil where the deployment's rule takes the request away from the version that its session is at.
  func kept(_ session: Int?, _ choice: Balancer.Request) -> Int? {
    guard choice.isForNew, let session, servers.indices.contains(session), !servers[session].isNew
    else { return session }
    return nil
  }

  mutating func beginSession(_ client: Int, _ server: Int) {
    guard let service = clients[client].request.service, service.stickiness != nil else { return }
    services[service.id.index].sessions.chose(
      server, for: clients[client].request.session, now: now)
  }

  /// The cookie that the answer, whose head stands in `answerHead`, sets for us.
  mutating func sessionCookie(
    _ client: Int, _ server: Int, _ bytes: Span<UInt8>
  ) -> SessionCookie? {
    guard let service = clients[client].request.service, service.stickiness != nil else {
      return nil
    }
    return services[service.id.index].sessions.answered(
      answerHead, bytes, by: server, for: clients[client].request.session, isSecure: false,
      secret: sessionKey, now: now)
  }

  /// Tells the other workers, through the control plane, where clients went in this turn.
  mutating func tellSessions() {
    for service in sessionServices where !services[service].sessions.news.isEmpty {
      notices(.sessions(services[service].sessions.takeNews()))
    }
  }
}
