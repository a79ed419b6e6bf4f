import Configuration
import EventLoop
import Primitives
import Synchronization
import Tracing

/// Where workers hand requests over that are kept as traces: a thread of its own makes spans of them and
/// sends those, so that a slow collector holds nobody up. What there is no room for is refused and counted.
/// The thread ends with the last reference, after one more try to deliver.
final class TraceExporter: Sendable {
  let collector: TraceSettings.Collector
  let counters: TraceCounters
  private let sender: TraceSender

  /// Starts nothing; `run()` does.
  /// - Parameter notices: called on the exporter's thread.
  init(
    _ collector: TraceSettings.Collector, counters: TraceCounters,
    notices: @escaping @Sendable (WorkerNotice) -> Void
  ) throws(SystemError) {
    self.collector = collector
    self.counters = counters
    sender = try TraceSender(collector, counters: counters, notices: notices)
  }

  deinit { sender.mailbox.send(.end) }

  func run() throws(SystemError) { try sender.run() }

  func take(_ requests: [TracedRequest]) {
    counters.count(requests)
    let spans = requests.reduce(0) { $0 + $1.spanCount }
    guard sender.offered.load(ordering: .relaxed) + spans <= TraceSender.limits.heldSpans else {
      counters.lose(spans, .queueFull)
      return
    }
    sender.offered.add(spans, ordering: .relaxed)
    sender.mailbox.send(.requests(requests))
  }

  func name(_ names: TraceNames) { sender.mailbox.send(.names(names)) }

  /// The engine stops: what there is goes out once.
  func end() { sender.mailbox.send(.end) }

  var hasEnded: Bool { sender.hasEnded.load(ordering: .acquiring) }
  /// Spans that were handed over and not looked at yet.
  var offeredSpans: Int { sender.offered.load(ordering: .relaxed) }
}
