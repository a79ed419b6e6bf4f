import Primitives
import Topology
import Tracing

/// `traces: { … }`.
extension SettingsBuilder {
  mutating func traces(_ root: DecodedObject) -> TraceSettings? {
    guard let object = root.object("traces"), let url = object.text("url") else { return nil }
    var traces = TraceSettings(url: url)
    if let problem = Self.problem(ofCollector: url) {
      log.error(problem.message, at: object["url"]?.place ?? object.place, help: problem.help)
    }
    let encoding = object.choice("encoding", TraceSettings.Encoding.self)
    traces.collector.encoding = encoding ?? traces.collector.encoding
    traces.collector.headers = headers(object)
    traces.collector.resource = pairs(object.table("resource"))
    traces.collector.timeout = object.duration("timeout") ?? traces.collector.timeout
    traces.collector.service = object.text("service") ?? traces.collector.service
    traces.rules.share = object.share("sample") ?? traces.rules.share
    traces.rules.continuesAll =
      object.choice("continue", TraceSettings.Continuation.self) == .all
    if let ca = object.text("ca") {
      traces.collector.ca = folder.absolute(ca)
      if url.hasPrefix("http://") {
        log.error(
          "'ca' has no meaning for a collector without TLS",
          at: object.keyPlace("ca") ?? object.place,
          help: "write 'https://…', or remove it")
      }
      examine(.authorities(folder.absolute(ca), revocations: nil), object, ["ca"])
    }
    if let keep = object.object("keep") {
      if let slow = keep.duration("slow") { traces.rules.slow = slow > .zero ? slow : nil }
      traces.rules.keepsFailed = keep.boolean("failed") ?? traces.rules.keepsFailed
      traces.rules.keptPerSecond = keep.integer("perSecond") ?? traces.rules.keptPerSecond
    }
    return traces
  }

  /// Two of a name would be sent both; what frames the message is not theirs to say.
  private mutating func headers(_ object: DecodedObject) -> [TraceSettings.Header] {
    let own = [
      "content-type", "content-length", "transfer-encoding", "connection", "host", "expect",
    ]
    for entry in object.table("headers") {
      if own.contains(entry.key.lowercased()) {
        log.error(
          "the header \(Quoted.value(entry.key)) is set by Ballast itself", at: entry.keyPlace,
          help: "remove it")
      }
      if case .text(let text) = entry.value.content,
        !text.utf8.allSatisfy({ $0 >= 32 && $0 != 127 }) || text.utf8.count > Self.longestHeader
      {
        log.error(
          "the value of \(Quoted.value(entry.key)) is too long or has control characters",
          at: entry.value.place, help: "write one line of at most \(Self.longestHeader) bytes")
      }
    }
    return pairs(object.table("headers"))
  }

  private static let longestHeader = 8_192

  private func pairs(_ entries: [DecodedEntry]) -> [TraceSettings.Header] {
    entries.compactMap { entry in
      guard case .text(let text) = entry.value.content else { return nil }
      return TraceSettings.Header(name: entry.key, value: text)
    }
  }

  private static func problem(ofCollector url: String) -> (message: String, help: String)? {
    let example = "write a URL such as http://127.0.0.1:4318/v1/traces"
    let rest = ["http://", "https://"].first { url.hasPrefix($0) }.map { url.dropFirst($0.count) }
    guard let rest, url.utf8.count <= 4_096, url.utf8.allSatisfy({ $0 > 32 && $0 < 127 }),
      let host = rest.split(separator: "/", omittingEmptySubsequences: false).first, !host.isEmpty,
      !host.hasPrefix(":"), !rest.contains("#")
    else { return ("the collector's url is not one of HTTP", example) }
    if host.contains("@") {
      return (
        "the collector's url has a user's name in it, which logs would show",
        "write it into 'headers', as 'Authorization'"
      )
    }
    return nil
  }

  /// Beside traces of our own, a route's changes of the same fields would make two of them.
  mutating func checkTraceFields(_ traces: TraceSettings?, _ items: [DecodedValue]) {
    guard traces != nil else { return }
    for item in items {
      guard case .object(let route) = item.content,
        let edits = route.object("requestHeaders")
      else { continue }
      let names =
        edits.table("set").map { ($0.key, $0.keyPlace) }
        + edits.table("add").map { ($0.key, $0.keyPlace) }
      for (name, place) in names
      where ["traceparent", "tracestate"].contains(name.lowercased()) {
        log.error(
          "the header \(Quoted.value(name)) is set by Ballast itself, with 'traces'", at: place,
          help: "remove it here, or remove 'traces'")
      }
    }
  }
}
