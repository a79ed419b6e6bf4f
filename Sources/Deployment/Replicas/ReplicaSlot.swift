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
    /// Out of balancing, finishing its requests.
    case draining(until: Instant, StopReason)
    /// Told to stop.
    case stopping(StopReason)
  }

  enum StopReason: Sendable, Equatable {
    /// More than wanted: the slot goes with it.
    case surplus
    /// To be replaced by one of the wanted template.
    case outdated
    /// Does not answer any more, or never did.
    case hung
  }

  let number: Int
  let name: String
  var phase: Phase
  /// Of the process, and of the last one while waiting for the next; nil: the wanted one follows.
  var template: String?
  /// Of the restart request that the process follows.
  var generation = 0
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
  /// When its process was ended because it hung; nil once its successor is ready.
  var hungAt: Instant?

  init(number: Int, name: String, now: Instant) {
    self.number = number
    self.name = name
    phase = .waiting(until: now)
  }

  var isWaiting: Bool { if case .waiting = phase { true } else { false } }
  var isReady: Bool { if case .ready = phase { true } else { false } }
  var isStarting: Bool { if case .starting = phase { true } else { false } }

  var isLeaving: Bool {
    switch phase {
    case .draining, .stopping: true
    case .waiting, .starting, .ready, .unready: false
    }
  }

  /// Has a process that is meant to go on.
  var isActive: Bool { !isWaiting && !isLeaving }

  mutating func begin(template: String, generation: Int, now: Instant) {
    phase = .starting(since: now)
    self.template = template
    self.generation = generation
    wasStable = false
    startedAt = now
  }

  /// The process is gone.
  mutating func clearProcess() {
    pid = nil
    port = nil
    startedAt = nil
  }
}
