import AdminAPI
import EventLoop
import Faults
import Primitives
import Proxying
import Topology
import Tracing
import Wire

/// `GET /v1/requests/ID`: what became of a request.
extension ControlPlane {
  func trace(_ text: String) async -> AdminAnswer {
    guard let identifier = ForwardedRequest.Identifier(text) else {
      return .error(
        400, "invalid",
        "a request's id has 32 hexadecimal digits, as X-Request-Id and the access log show it")
    }
    let searches = await dataPlane.search(identifier)
    for search in searches {
      if let record = search.record { return .json(trace(record, worker: search.worker)) }
    }
    // A worker that keeps more forgets less: the youngest of their oldest is how far back all go.
    let kept = searches.reduce(0) { $0 + $1.kept }
    let reach =
      searches.filter { $0.kept == RequestRing.limit }.compactMap(\.oldest).max()
      .map { ", back to \(wallTime(of: $0))" } ?? " since this engine started"
    return .error(
      404, "not-found",
      "no request \(identifier.text) among the last \(kept)\(kept == 0 ? "" : reach)")
  }

  private func trace(_ record: RequestRecord, worker: Int) -> RequestTrace {
    let tries = record.tries.all
    var told: [RequestTrace.Try] = []
    for (index, one) in tries.enumerated() {
      let before = index == 0 ? nil : tries[index - 1]
      told.append(
        RequestTrace.Try(
          server: serverName(Int(one.server)) ?? "",
          because: one.because(before, session: record.session),
          began: seconds(one.began),
          connected: one.connected > 0 ? seconds(one.connected) : nil,
          answerBegan: one.answerBegan > 0 ? seconds(one.answerBegan) : nil,
          ended: seconds(one.ended), end: one.end.text,
          status: one.status > 0 ? Int(one.status) : nil, reused: one.isReused))
    }
    return RequestTrace(
      id: record.identifier.text,
      trace: record.trace.map { ForwardedRequest.Identifier(high: $0.high, low: $0.low).text },
      at: wallTime(of: record.began),
      duration: record.duration.seconds, worker: worker,
      topologyVersion: record.topologyVersion, client: record.client.text,
      listener: name(record.listener?.index, identities.listeners) ?? "",
      method: record.method.label, host: record.host.text, target: record.target.text,
      route: name(record.route?.index, identities.routes),
      service: name(record.service?.index, identities.services),
      hash: record.key == 0 ? nil : String(record.key, radix: 16),
      sessionServer: record.session.flatMap { serverName($0) }, tries: told,
      triesLeftOut: Int(record.tries.count) - tries.count, status: record.status,
      reason: record.reason.map { "\($0)" }, requestBytes: record.requestBytes,
      answerBytes: record.answerBytes)
  }

  private func name(_ index: Int?, _ names: [String]) -> String? {
    index.flatMap { names.indices.contains($0) ? names[$0] : nil }
  }

  private func serverName(_ index: Int) -> String? {
    identities.servers.indices.contains(index) ? identities.servers[index].server : nil
  }

  private func seconds(_ microseconds: UInt32) -> Double { Double(microseconds) / 1e6 }

  private func wallTime(of instant: Instant) -> WallTime {
    WallTime(milliseconds: Clock.wallTime.milliseconds - (Clock.now - instant).milliseconds)
  }
}

extension RequestTries.Try {
  /// - Parameter before: the try before it.
  func because(_ before: RequestTries.Try?, session: Int?) -> String {
    if isHedge { return "hedge" }
    if let before { return before.end.text }
    return session == Int(server) ? "session" : "chosen"
  }
}

extension RequestTries.End {
  var text: String {
    switch self {
    case .underWay: "under-way"
    case .answered: "answered"
    case .connectFailure: "connect-failure"
    case .reset: "reset"
    case .timeout: "timeout"
    case .staleConnection: "stale-connection"
    case .gatewayError: "gateway-error"
    case .refusedStream: "refused-stream"
    case .grpcStatus: "grpc-status"
    case .overtaken: "overtaken"
    case .failed: "failed"
    case .cut: "cut"
    case .abandoned: "abandoned"
    }
  }
}

extension PeerText {
  fileprivate var text: String {
    var writer = ByteWriter(capacity: 64)
    append(to: &writer)
    return unsafe String(decoding: writer.bytes, as: UTF8.self)
  }
}
