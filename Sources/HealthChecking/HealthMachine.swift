public import Primitives

/// Decides when one server is checked and whether it is healthy.
///
/// Duties of the caller:
/// 1. Begin a check when `nextCheck` is reached, and say `checkBegan`.
/// 2. End every check that began: a result, or a failure once `checkDeadline` is reached.
/// 3. Ask for `nextCheck` anew after every event.
///
/// From `unknown`, one passed check makes a server healthy: a fresh start should not wait for a
/// second opinion. `fall` failed ones make it unhealthy, but not before its grace has passed.
/// While results disagree with the state, or there is none yet, or the grace lasts, checks follow
/// at the fast interval.
public struct HealthMachine: Sendable {
  public enum Event: Sendable, Equatable {
    case checkBegan
    case checkEnded(CheckResult)
    /// A request met a connect failure or a reset. It asks for a check at once; if that fails too,
    /// the trouble began here.
    case trafficFailed
    /// Begins with another policy; the state stays.
    case policyChanged(HealthPolicy)
    /// Takes over what an earlier engine knew; the first check comes within the fast interval.
    case adopted(HealthState)
    /// Another process answers at the address now: nothing is known of it. Failures within the
    /// grace are those of a process that still starts, and make it no worse than unknown.
    case restarted(grace: TimeSpan)
    /// Checks stop, what was known stays.
    case disabled
    case enabled
  }

  public private(set) var policy: HealthPolicy
  public private(set) var state = HealthState.unknown
  /// When the next check should begin; nil while one is under way or checks are disabled.
  public var nextCheck: Instant? { enabled && checkBegan == nil ? due : nil }
  /// When the check under way has failed for want of an answer; nil without one.
  public var checkDeadline: Instant? { checkBegan.map { $0 + policy.timeout } }
  /// Whether checks follow at the fast interval.
  public private(set) var inTransition = true

  private var enabled = true
  private var due: Instant
  private var checkBegan: Instant?
  private var latestBeginning: Instant?
  /// Traffic failed while a check was under way that may have begun before the trouble.
  private var checkAgain = false
  /// Results in a row of the kind that disagrees with the state.
  private var disagreeing = 0
  /// The first of them, or the failure of traffic that asked for the check.
  private var firstSign: Instant?
  private var graceEnds: Instant

  /// A server that was never checked is unknown, and its first check is due at once.
  public init(policy: HealthPolicy, grace: TimeSpan = .zero, now: Instant) {
    self.policy = policy
    due = now
    graceEnds = now + grace
  }

  /// Nil when the state stays as it is. A result without a check under way is ignored.
  public mutating func handle(
    _ event: Event, now: Instant, random: inout SeededRandom
  ) -> HealthChange? {
    switch event {
    case .checkBegan:
      checkBegan = now
      latestBeginning = now
    case .checkEnded(let result):
      return checkEnded(result, now: now, random: &random)
    case .trafficFailed:
      trafficFailed(now: now)
    case .policyChanged(let policy):
      self.policy = policy
      due = min(due, now + Self.jittered(interval, &random))
    case .adopted(let state):
      self.state = state
      forget(now: now)
      inTransition = state == .unknown
      due = now + fastInterval.scaled(by: random.fraction())
    case .restarted(let grace):
      return restarted(grace: grace, now: now)
    case .disabled:
      enabled = false
      forget(now: now)
    case .enabled where !enabled:
      enabled = true
      due = now
    case .enabled:
      break
    }
    return nil
  }
}

extension HealthMachine {
  private mutating func checkEnded(
    _ result: CheckResult, now: Instant, random: inout SeededRandom
  ) -> HealthChange? {
    guard let began = checkBegan else { return nil }
    checkBegan = nil
    let change = result.passed ? passed(result.detail, now: now) : failed(result.detail, now: now)
    inTransition = disagreeing > 0 || state == .unknown
    due = checkAgain ? now : max(now, began + Self.jittered(interval, &random))
    checkAgain = false
    return change
  }

  private mutating func passed(_ detail: String, now: Instant) -> HealthChange? {
    guard state != .healthy else {
      // The check may have begun before the trouble that traffic met: its sign stays.
      let sign = checkAgain ? firstSign : nil
      agree()
      firstSign = sign
      return nil
    }
    // Failures before this one don't count toward a rise, and theirs was another first sign.
    if state == .unknown { agree() }
    disagree(now: now)
    let needed = state == .unknown ? 1 : policy.rise
    guard disagreeing >= needed else { return nil }
    let cause =
      needed == 1
      ? "a check passed with \(detail)"
      : "\(needed) checks in a row passed, the last with \(detail)"
    return change(to: .healthy, cause: cause, now: now)
  }

  private mutating func failed(_ detail: String, now: Instant) -> HealthChange? {
    guard state != .unhealthy else {
      agree()
      return nil
    }
    disagree(now: now)
    guard disagreeing >= policy.fall else { return nil }
    guard state != .unknown || now >= graceEnds else { return nil }
    let cause =
      disagreeing == 1
      ? "a check failed with \(detail)"
      : "\(disagreeing) checks in a row failed, the last with \(detail)"
    return change(to: .unhealthy, cause: cause, now: now)
  }

  /// An unhealthy server has traffic only when no other is left; its failures say nothing new.
  private mutating func trafficFailed(now: Instant) {
    guard enabled, state != .unhealthy else { return }
    if firstSign == nil { firstSign = now }
    if checkBegan != nil {
      checkAgain = true
    } else {
      let earliest = latestBeginning.map { $0 + HealthPolicy.shortestInterval } ?? now
      due = min(due, max(now, earliest))
    }
  }

  private mutating func restarted(grace: TimeSpan, now: Instant) -> HealthChange? {
    let before = state
    state = .unknown
    forget(now: now)
    inTransition = true
    graceEnds = now + grace
    due = now
    guard before != .unknown else { return nil }
    return HealthChange(
      from: before, to: .unknown, cause: "another process answers there now", firstSign: now)
  }

  private mutating func change(to next: HealthState, cause: String, now: Instant) -> HealthChange {
    let change = HealthChange(from: state, to: next, cause: cause, firstSign: firstSign ?? now)
    state = next
    agree()
    return change
  }

  private mutating func disagree(now: Instant) {
    // Saturates: a process may fail for all of a long grace.
    disagreeing = min(disagreeing + 1, 1_000_000)
    if firstSign == nil { firstSign = now }
  }

  private mutating func agree() {
    disagreeing = 0
    firstSign = nil
  }

  private mutating func forget(now: Instant) {
    checkBegan = nil
    checkAgain = false
    agree()
  }

  private var fastInterval: TimeSpan { min(policy.interval, HealthPolicy.fastInterval) }
  private var interval: TimeSpan { inTransition ? fastInterval : policy.interval }

  private static func jittered(_ span: TimeSpan, _ random: inout SeededRandom) -> TimeSpan {
    span.scaled(by: 1 + HealthPolicy.jitter * (2 * random.fraction() - 1))
  }
}
