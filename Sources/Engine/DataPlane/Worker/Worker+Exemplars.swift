import Primitives
import Proxying
import Telemetry
import Tracing
import Wire

/// Examples of latencies, for the metrics.
extension Worker {
  /// The request's head is still held as it went to its server, so that nothing has to be kept of it
  /// for the one in very many that becomes an example.
  mutating func keepExemplar(_ client: Int, _ place: Int, _ latency: TimeSpan) {
    let identifier = clients[client].request.identifier
    // Nothing was read that could be called a request.
    guard identifier.high | identifier.low != 0 else { return }
    statistics.exemplars.keep(
      place, latency, request: .init(high: identifier.high, low: identifier.low),
      trace: (traceIdentifier(client) ?? sentTrace(client)).map {
        .init(high: $0.high, low: $0.low)
      }, now: now)
  }

  private mutating func sentTrace(_ client: Int) -> TraceIdentifier? {
    let bytes = unsafe clients[client].replay.bytes
    guard bytes.count > 0 else { return nil }
    let span = unsafe Span<UInt8>(_unsafeBytes: bytes)
    guard (try? exampleHead.read(span)) == true else { return nil }
    // One that nobody keeps would lead nowhere.
    guard let context = TraceContext(exampleHead, span), context.flags.contains(.sampled) else {
      return nil
    }
    return context.trace
  }
}
