internal import AdminAPI

extension Narrative {
  /// What became of a request.
  init(_ trace: RequestTrace) {
    add(
      0, "\(trace.method) http://\(trace.host)\(trace.target) from \(trace.client)", tone: .strong)
    add(
      1, "came in at \(HumanText.moment(trace.at)) and took \(Self.span(trace.duration)) in all")
    let way = ["listener \(trace.listener)", trace.route.map { "route \($0)" }]
    let service = trace.service.map { "service \($0)" }
    add(
      1,
      (way + [service]).compactMap { $0 }.joined(separator: " → ")
        + ", at worker \(trace.worker) with topology \(trace.topologyVersion)")
    if let id = trace.trace { add(1, "part of the trace \(id)") }
    if let hash = trace.hash { add(1, "hashed to \(hash)") }
    if let server = trace.sessionServer { add(1, "the client's session was at \(server)") }
    if trace.tries.isEmpty {
      add(1, "no server was tried", .no)
    } else {
      add(1, "tries")
    }
    for (index, one) in trace.tries.enumerated() {
      if trace.triesLeftOut > 0, index == trace.tries.count - 1 {
        add(2, "\(trace.triesLeftOut) more", .skipped, tone: .faint)
      }
      add(one)
    }
    add(1, Self.end(trace), trace.status > 0 && trace.status < 500 ? .yes : .no)
  }

  private mutating func add(_ one: RequestTrace.Try) {
    var text = "\(one.server) after \(Self.span(one.began)), \(Self.reason(one.because))"
    if one.reused { text += ", over a kept connection" }
    if let connected = one.connected {
      text += ", connected in \(Self.span(connected - one.began))"
    }
    if let status = one.status {
      text += ": \(status)"
      if let began = one.answerBegan { text += " in \(Self.span(began - one.began))" }
    }
    let isGood = one.end == "answered"
    if !isGood { text += ": \(Self.end(one.end))" }
    text += ", over after \(Self.span(one.ended - one.began))"
    add(2, text, isGood ? .yes : one.end == "overtaken" ? .skipped : .no)
  }

  private static func reason(_ because: String) -> String {
    switch because {
    case "chosen": "chosen by the balancer"
    case "session": "the client's session is there"
    case "hedge": "beside the silent first one"
    default: "once more after \(because)"
    }
  }

  private static func end(_ end: String) -> String {
    switch end {
    case "connect-failure": "no connection"
    case "reset": "the connection broke"
    case "timeout": "no answer in time"
    case "stale-connection": "the kept connection was closed"
    case "gateway-error": "not taken for the last word"
    case "overtaken": "another one answered first"
    case "cut": "broke off in the middle of the answer"
    case "abandoned": "the client left"
    default: end
    }
  }

  private static func end(_ trace: RequestTrace) -> String {
    let sizes = "\(trace.requestBytes) bytes in, \(trace.answerBytes) out"
    if let reason = trace.reason { return "Ballast answered \(trace.status), \(reason); \(sizes)" }
    return trace.status == 0
      ? "the client left before an answer; \(sizes)" : "answered \(trace.status); \(sizes)"
  }

  private static func span(_ seconds: Double) -> String {
    HumanText.duration(seconds: max(0, seconds))
  }
}
