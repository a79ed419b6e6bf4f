import Primitives

/// One numbered place of a service: the process in it, or the wait for the next one.
struct ReplicaSlot: Sendable {
  enum Phase: Sendable, Equatable {
    /// No process; one may start from then on.
    case waiting(until: Instant)
    /// Asked for or running, not ready yet.
    case starting(since: Instant)
    case ready(since: Instant)
    /// Was ready before.
    case unready(since: Instant)
    /// Out of balancing, finishing its requests; the slot goes with it.
    case draining(until: Instant)
    /// Told to stop; the slot goes with it.
    case stopping
    /// Does not answer any more, or never did; another one follows.
    case killed
  }

  let number: Int
  let name: String
  var phase: Phase
  let template: String
  var pid: Int32?
  var port: UInt16?
  var startedAt: Instant?
  /// Whether this process has been ready for `ReplicaPolicy.stable`.
  var wasStable = false
  /// Exits in a row, for the backoff.
  var failures = 0
  /// Exits in a row without being stable, for the crash loop.
  var unstableExits = 0
  /// Ends that nobody asked for; replacements do not count.
  var restarts = 0
  var lastExit: String?
  /// It ran before this engine did, and no check has said yet how it is: it may well be at work.
  var isUnseen = false
  /// When its process was ended because it hung; nil once its successor is ready.
  var hungAt: Instant?

  init(number: Int, name: String, template: String, now: Instant) {
    self.number = number
    self.name = name
    self.template = template
    phase = .waiting(until: now)
  }

  var isWaiting: Bool { if case .waiting = phase { true } else { false } }
  var isReady: Bool { if case .ready = phase { true } else { false } }
  var isStarting: Bool { if case .starting = phase { true } else { false } }

  var isLeaving: Bool {
    switch phase {
    case .draining, .stopping: true
    case .waiting, .starting, .ready, .unready, .killed: false
    }
  }

  mutating func begin(now: Instant) {
    phase = .starting(since: now)
    wasStable = false
    isUnseen = false
    startedAt = now
  }

  /// The process is gone.
  mutating func clearProcess() {
    pid = nil
    port = nil
    startedAt = nil
  }
}
