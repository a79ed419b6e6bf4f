public import Balancing
public import Primitives
public import Topology

/// The decisions of one TCP stream's way to a server: what is tried again, when it is over, and who
/// is told so by a reset. It knows no socket and no bytes.
///
///     choosing ──tryBegan──▶ connecting ──connected──▶ relaying ──ended──▶ half-closed ──ended──▶ over
///         ▲                      │
///         └────── tryAgain ──────┘
///
/// The driver's duties:
/// 1. `begin` when a client is there, then choose a server.
/// 2. Report each event as it happens, and carry out the action before the next event.
/// 3. Set a deadline for each phase and report its passing as `timedOut`.
/// 4. After `end` close both sides and report nothing more.
public struct StreamMachine: Sendable {
  public enum Side: Sendable {
    case client, server
  }

  public enum Timeout: Sendable {
    case preface, queue, connect, idle, total
  }

  public enum Event: Sendable {
    /// What the client sent before its stream could begin is not what it has to be.
    case prefaceBroken(StreamEnd.Reason)
    case noServer, queueFull, serviceGone
    /// It waited in an overloaded queue for longer than is sensible.
    case shed
    case tryBegan
    case connectFailed
    case connected
    /// A side sends no more.
    case ended(Side)
    /// A side's connection failed.
    case broke(Side)
    /// Both directions are over.
    case finished
    case timedOut(Timeout)
    /// The time that was left for streams under way is up.
    case drained
  }

  public enum Action: Sendable, Equatable {
    case none
    /// Wait, then choose another server.
    case tryAgain(after: TimeSpan)
    /// Carry bytes from here on.
    case relay
    case end(StreamEnd)
  }

  private enum Phase: Sendable, Equatable {
    case choosing, connecting, relaying
    case halfClosed(Side)
    case over
  }

  private var phase = Phase.choosing
  private var policy = RetryPolicy()
  /// Tries after the first.
  public private(set) var retries = 0

  public init() {}

  public mutating func begin(policy: RetryPolicy) {
    self = StreamMachine()
    self.policy = policy
  }

  public mutating func handle(
    _ event: Event, budget: inout RetryBudget, random: inout SeededRandom, now: Instant
  ) -> Action {
    if phase == .over { return .none }
    switch event {
    case .prefaceBroken(let reason): return end(reason)
    case .noServer: return end(.noHealthyServer)
    case .queueFull: return end(.queueFull)
    case .serviceGone: return end(.serviceGone)
    case .shed: return end(.shed)
    case .tryBegan: phase = .connecting
    case .connectFailed: return retry(.connectFailure, &budget, &random, now)
    case .connected:
      guard phase == .connecting else { return .none }
      phase = .relaying
      return .relay
    case .ended(let side): if phase == .relaying { phase = .halfClosed(side) }
    case .broke(.client): return end(hasServer ? .clientReset : .clientLeft)
    case .broke(.server): return end(.serverReset)
    case .finished: return end(first == .client ? .clientClosed : .serverClosed)
    case .timedOut(.connect): return retry(.connectTimeout, &budget, &random, now)
    case .timedOut(.preface): return end(.prefaceTimeout)
    case .timedOut(.queue): return end(.queueTimeout)
    case .timedOut(.idle): return end(.idleTimeout)
    case .timedOut(.total): return end(.totalTimeout)
    case .drained: return end(.drained)
    }
    return .none
  }

  private var hasServer: Bool {
    switch phase {
    case .relaying, .halfClosed: true
    case .choosing, .connecting, .over: false
    }
  }

  /// Whose end came first.
  private var first: Side? {
    if case .halfClosed(let side) = phase { side } else { nil }
  }

  /// No byte reached a server before the connection stands, so that any stream may be tried again.
  private mutating func retry(
    _ failure: StreamEnd.Reason, _ budget: inout RetryBudget, _ random: inout SeededRandom,
    _ now: Instant
  ) -> Action {
    guard phase == .connecting else { return .none }
    guard policy.onConnectFailure, retries < policy.attempts, budget.takeRetry(now) else {
      return end(failure)
    }
    retries += 1
    phase = .choosing
    return .tryAgain(after: Backoff.wait(beforeRetry: retries, random: &random))
  }

  private mutating func end(_ reason: StreamEnd.Reason) -> Action {
    phase = .over
    return .end(StreamEnd(reason))
  }
}
