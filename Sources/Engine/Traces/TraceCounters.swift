import Synchronization
import Tracing

/// What became of traces since the engine began, whatever became of their collector.
final class TraceCounters: Sendable {
  enum Loss: Int, CaseIterable, Sendable {
    /// More were slow or failed than are kept.
    case rate
    /// Of the exporter: see `ExportMachine.Losses`.
    case queueFull, refused, expired, rejected, ended

    var name: String {
      switch self {
      case .rate: "rate"
      case .queueFull: "queue-full"
      case .refused: "refused"
      case .expired: "expired"
      case .rejected: "rejected"
      case .ended: "ended"
      }
    }
  }

  struct Figures: Sendable, Equatable {
    /// By `TraceReason`, in the order of its cases.
    var requests: [UInt64]
    /// Taken by the collector.
    var spans: UInt64
    /// By `Loss`, in the order of its cases.
    var losses: [UInt64]
    /// Messages by what became of them.
    var delivered: UInt64
    var failed: UInt64
    /// Spans that wait for the collector.
    var waiting: Int
  }

  private struct Counts {
    var requests = [UInt64](repeating: 0, count: TraceReason.allCases.count)
    var spans: UInt64 = 0
    var losses = [UInt64](repeating: 0, count: Loss.allCases.count)
    var delivered: UInt64 = 0
    var failed: UInt64 = 0
    var waiting = 0
  }

  private let counts = Mutex(Counts())

  func count(_ requests: [TracedRequest]) {
    counts.withLock { counts in
      for request in requests { counts.requests[Int(request.reason.rawValue)] &+= 1 }
    }
  }

  func lose(_ spans: Int, _ loss: Loss) {
    guard spans > 0 else { return }
    counts.withLock { $0.losses[loss.rawValue] &+= UInt64(spans) }
  }

  /// A message was answered.
  /// - Parameter spans: that were taken; nil where it failed.
  func answered(spans: Int?) {
    counts.withLock { counts in
      if let spans {
        counts.delivered &+= 1
        counts.spans &+= UInt64(max(0, spans))
      } else {
        counts.failed &+= 1
      }
    }
  }

  func setWaiting(_ spans: Int) { counts.withLock { $0.waiting = spans } }

  var figures: Figures {
    counts.withLock {
      Figures(
        requests: $0.requests, spans: $0.spans, losses: $0.losses, delivered: $0.delivered,
        failed: $0.failed, waiting: $0.waiting)
    }
  }
}
