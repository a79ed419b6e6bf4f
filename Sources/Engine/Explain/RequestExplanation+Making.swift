import AdminAPI
import Balancing
import Primitives
import Topology

/// From the types that decide to those that tell.
extension RequestExplanation.Worker {
  init(_ answer: ServiceAnswer, _ service: Service) {
    let explanation = answer.explanation
    var standings: [Int: RequestExplanation.Candidate] = [:]
    let loads = Dictionary(answer.loads.map { ($0.server.index, $0) }) { $1 }
    for server in service.servers {
      standings[server.id.index] = .init(
        server: server.name, address: "\(server.address)", standing: "unchecked", weight: nil,
        score: nil, inflight: loads[server.id.index]?.inflight ?? 0)
    }
    for candidate in explanation?.candidates ?? [] {
      standings[candidate.server]?.standing = candidate.standing.rawValue
      standings[candidate.server]?.weight = candidate.weight
      // JSON has no infinity.
      standings[candidate.server]?.score =
        candidate.score.flatMap { $0.isFinite ? $0 : nil }
    }
    for other in explanation?.others ?? [] {
      standings[other.server]?.standing = other.reason.rawValue
    }
    func name(_ index: Int) -> String? { standings[index]?.server }
    var (choice, server) = ("none", String?.none)
    switch answer.choice {
    case .server(let index): (choice, server) = ("server", name(index))
    case .full: choice = "full"
    case .none?, nil: break
    }
    self.init(
      worker: answer.worker, choice: choice, server: server,
      chosenBy: explanation?.isHeldBySession == true ? "session" : explanation?.algorithm ?? "",
      set: explanation?.set ?? "this worker does not know the service yet",
      candidates: service.servers.compactMap { standings[$0.id.index] }, queued: answer.queued)
  }
}

extension RequestExplanation.Retries {
  init(_ policy: RetryPolicy, isRepeatable: Bool) {
    let reasons = [
      ("connect-failure", policy.onConnectFailure), ("reset", policy.onReset),
      ("gateway-error", policy.onGatewayError),
    ]
    self.init(
      attempts: policy.attempts, on: reasons.filter(\.1).map(\.0), repeatable: isRepeatable,
      budget: policy.budget, perTryTimeout: policy.perTryTimeout.secondsUnlessZero,
      hedgeAfter: policy.hedgeAfter.secondsUnlessZero)
  }
}

extension RequestExplanation.Timeouts {
  init(_ timeouts: Timeouts, _ limits: Limits) {
    self.init(
      connect: timeouts.connect.secondsUnlessZero, response: timeouts.response.secondsUnlessZero,
      idle: timeouts.idle.secondsUnlessZero, total: timeouts.total.secondsUnlessZero,
      queue: limits.queue > 0 ? limits.queueTimeout.secondsUnlessZero : nil)
  }
}

extension RequestExplanation.Session {
  init(_ stickiness: Stickiness, server: String?) {
    switch stickiness {
    case .inserted(let cookie, _):
      self.init(
        kind: "inserted-cookie", cookie: String(decoding: cookie, as: UTF8.self), server: server)
    case .learned(let cookie, _):
      self.init(
        kind: "learned-cookie", cookie: String(decoding: cookie, as: UTF8.self), server: server)
    case .source: self.init(kind: "source", cookie: nil, server: server)
    }
  }
}

extension TimeSpan {
  fileprivate var secondsUnlessZero: Double? { self > .zero ? seconds : nil }
}

extension RequestKey {
  /// As in the configuration.
  var text: String {
    switch self {
    case .clientIP: "client-ip"
    case .clientPort: "client-port"
    case .header(let name): "header:" + String(decoding: name, as: UTF8.self)
    case .cookie(let name): "cookie:" + String(decoding: name, as: UTF8.self)
    case .uri: "uri"
    case .path: "path"
    case .host: "host"
    case .query(let name): "query:" + String(decoding: name, as: UTF8.self)
    case .time(let span): "time:\(span)"
    }
  }
}
