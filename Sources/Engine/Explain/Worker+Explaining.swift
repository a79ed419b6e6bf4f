import Balancing
import EventLoop
import Primitives
import Proxying
import Topology
import Wire

/// Where a request would go, without sending it.
extension Worker {
  /// Nothing changes: tables and random numbers are copies.
  mutating func explain(_ question: ServiceQuestion) -> ServiceAnswer {
    var answer = ServiceAnswer(worker: number)
    let index = question.service.index
    guard let service = snapshot.services.first(where: { $0.id == question.service }),
      services.indices.contains(index)
    else { return answer }
    var request = Balancer.Request()
    var head = RequestHead()
    let bytes = question.head.span
    if (try? head.read(bytes)) == true {
      if case .hash(let policy) = service.algorithm {
        request.key = RequestKeyHash.hash(
          policy.keys, head, bytes, client: question.client, now: Clock.wallTime)
      }
      if let match = service.shift?.match {
        request.isForNew = match.matches(head, bytes)
      }
      if service.stickiness != nil {
        var sessions = services[index].sessions
        let session = sessions.begin(
          head, bytes, client: question.client, secret: sessionKey, now: now)
        request.session = kept(session.server, request)
      }
    }
    (answer.key, answer.session) = (request.key, request.session)
    answer.loads = service.servers.filter { loads.indices.contains($0.id.index) }.map { server in
      .init(server: server.id, inflight: loads[server.id.index].inflight)
    }
    answer.queued = services[index].waiting.count
    answer.explanation = services[index].balancer?.explain(request, loads: loads, now: now)
    var (state, dice) = (services[index], random)
    answer.choice = state.choose(request, loads: loads, now: now, random: &dice)
    return answer
  }
}
