import Primitives
import Tracing

/// One worker's part of the traces: what its requests carry along, and those that ended and are kept.
struct WorkerTraces: Sendable {
  /// Requests that are handed over at once.
  static let batch = 64
  static let batchTime = TimeSpan.milliseconds(200)

  let rules: TraceRules
  private let exporter: TraceExporter
  private var allowance: TailAllowance
  /// By client.
  private var marks: [TraceMark] = []
  /// By client, of those with more tries than they carry along.
  private var middleTries: [Int: [RequestTries.Try]] = [:]
  private var kept: [TracedRequest] = []
  private(set) var nextFlush: Instant?

  /// - Parameter workers: share what is kept for being slow or failed.
  init(_ rules: TraceRules, to exporter: TraceExporter, workers: Int, now: Instant) {
    self.rules = rules
    self.exporter = exporter
    allowance = TailAllowance(
      perSecond: Double(rules.keptPerSecond) / Double(max(1, workers)), now: now)
  }

  /// Takes over what requests under way carry along.
  mutating func adopt(_ former: consuming WorkerTraces) {
    marks = former.marks
    middleTries = former.middleTries
  }

  mutating func set(_ mark: TraceMark, of client: Int) {
    while marks.count <= client { marks.append(TraceMark()) }
    marks[client] = mark
  }

  /// Mutating although it changes nothing: as with the worker, who only borrows gets a copy.
  mutating func mark(of client: Int) -> TraceMark? {
    isTraced(client) ? marks[client] : nil
  }

  private func isTraced(_ client: Int) -> Bool { client < marks.count && marks[client].isSet }

  /// Of a client that is traced.
  mutating func change(_ client: Int, _ body: (inout TraceMark) -> Void) {
    guard isTraced(client) else { return }
    body(&marks[client])
  }

  /// How many one request may have is bounded by its retry policy.
  mutating func keep(_ one: RequestTries.Try, of client: Int) {
    guard isTraced(client) else { return }
    middleTries[client, default: []].append(one)
  }

  /// The request is over.
  mutating func forget(_ client: Int) {
    guard client < marks.count else { return }
    marks[client].isSet = false
    if !middleTries.isEmpty { middleTries[client] = nil }
  }

  mutating func middleTries(of client: Int) -> [RequestTries.Try] {
    middleTries.isEmpty ? [] : middleTries[client] ?? []
  }

  /// Whether one that is kept for what became of it may be.
  mutating func mayKeep(_ reason: TraceReason, _ now: Instant) -> Bool {
    reason == .sampled || allowance.take(now)
  }

  mutating func lose(_ request: TracedRequest) {
    exporter.counters.lose(request.spanCount, .rate)
  }

  mutating func append(_ request: TracedRequest, _ now: Instant) {
    kept.append(request)
    if kept.count >= Self.batch {
      flush()
    } else if nextFlush == nil {
      nextFlush = now + Self.batchTime
    }
  }

  mutating func flushIfDue(_ now: Instant) {
    if let due = nextFlush, now >= due { flush() }
  }

  mutating func flush() {
    nextFlush = nil
    if kept.isEmpty { return }
    exporter.take(kept)
    kept = []
  }
}
