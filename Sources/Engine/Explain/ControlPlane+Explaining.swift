import AdminAPI
import Balancing
import Configuration
import EventLoop
import Primitives
import Proxying
import Topology
import Wire

/// `POST /v1/explain`: where a request would go now, and why.
extension ControlPlane {
  func explain(_ request: AdminRequest) async -> AdminAnswer {
    guard let wanted = AdminJSON.decode(ExplainRequest.self, request.body) else {
      return .error(
        400, "invalid", #"the body must be like {"method":"GET","url":"http://shop/","headers":[]}"#
      )
    }
    var question: QuestionedRequest
    do throws(QuestionedRequest.Refusal) {
      question = try QuestionedRequest(wanted)
    } catch {
      return .error(400, "invalid", error.message)
    }
    var head = RequestHead()
    do throws(HeadError) {
      guard try head.read(question.head.span) else {
        return .error(400, "invalid", "the request's head does not end")
      }
      try question.makePathCanonical(&head)
    } catch {
      return .error(
        422, "refused", "Ballast would answer \(error.status) itself: \(error.reason)")
    }
    guard let (place, reason) = listener(for: question, named: wanted.listener) else {
      return wanted.listener.map { .notFound("listener \($0)") }
        ?? .error(503, "unavailable", "there is no listener")
    }
    return .json(await explanation(question, head, listener: place, reason: reason))
  }

  private func explanation(
    _ question: QuestionedRequest, _ head: RequestHead, listener: Int, reason: String
  ) async -> RequestExplanation {
    // One snapshot for all of it: another may be published while the workers are asked.
    let snapshot = snapshot
    let bytes = question.head
    func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }
    var told = RequestExplanation(
      method: text(head.methodRange), host: head.hostRange.isEmpty ? nil : text(head.hostRange),
      target: text(head.targetRange), client: question.address.host,
      listener: snapshot.listeners[listener].name, listenerReason: reason)
    let client = ClientAddress(question.address)
    let trial = RouteTrials(
      snapshot, input.tables, listener: listener, head, bytes.span, client: client)
    told.routes = trial.trials
    guard let route = trial.taker.map({ snapshot.routes[$0] }) else { return told }
    told.route = route.name
    told.action = trial.trials.first { $0.result == "matched" }?.action
    let service: Service
    switch route.action {
    case .service(let place): service = snapshot.services[place]
    case .split(let split):
      let hash = RequestKeyHash.hash(
        split.keys, head, bytes.span, client: client, now: Clock.wallTime)
      service = snapshot.services[split.service(hash)]
    case .redirect, .respond: return told
    }
    told.service = service.name
    if let settings = input.settings.services.first(where: { $0.name == service.name }) {
      let decision = BalanceDecision(settings, servers: service.servers.count)
      (told.balance, told.balanceReason) = (decision.balance.name, decision.reason)
    }
    told.retries = .init(service.retries, isRepeatable: head.method.isIdempotent)
    told.timeouts = .init(service.timeouts, service.limits)
    let answers = await dataPlane.explain(
      ServiceQuestion(
        service: service.id, head: bytes, client: client))
    told.workers = answers.map { RequestExplanation.Worker($0, service) }
    let answer = answers.first
    if case .hash(let policy) = service.algorithm {
      told.hashed = policy.keys.map(\.text)
      told.hash = answer.map { String($0.key, radix: 16) }
    }
    told.session = service.stickiness.map { stickiness in
      let server = answers.compactMap(\.session).first.flatMap { index in
        service.servers.first { $0.id.index == index }?.name
      }
      return RequestExplanation.Session(stickiness, server: server)
    }
    return told
  }

  /// A place in the snapshot's listeners, and why this one.
  private func listener(
    for question: QuestionedRequest, named name: String?
  ) -> (Int, String)? {
    if let name {
      return snapshot.listeners.firstIndex { $0.name == name }.map { ($0, "it was named") }
    }
    if let port = question.port,
      let place = snapshot.listeners.firstIndex(where: { listener in
        let settings = input.settings.listeners.first { $0.name == listener.name }
        return (boundAddresses[listener.name] ?? settings?.address)?.port == port
      })
    {
      return (place, "it has the URL's port")
    }
    guard !snapshot.listeners.isEmpty else { return nil }
    let isOnly = snapshot.listeners.count == 1
    return (0, isOnly ? "it is the only one" : "it is the first one; none has the URL's port")
  }
}
