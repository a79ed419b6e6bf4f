public import Primitives

/// What a server's agent says of it, and whether it still says anything.
///
/// Duties of the caller:
/// 1. Ask the agent when `nextQuestion` is reached, and say `asked`.
/// 2. End every question: `answered`, or `failed`, at the latest at its timeout.
/// 3. Say `checkSilence` when `silentAt` is reached.
/// 4. Ask for both anew after every event.
public struct AgentMachine: Sendable {
  public enum Event: Sendable, Equatable {
    case asked
    case answered(AgentReport)
    /// No answer, or one that is none.
    case failed(detail: String)
    case checkSilence
    case policyChanged(AgentPolicy)
    /// Takes over what an earlier engine knew of a server that nothing else checks.
    case adopted(HealthState)
    case disabled
  }

  public private(set) var policy: AgentPolicy
  /// Unknown until the agent was heard for the first time.
  public private(set) var state = HealthState.unknown
  /// Why the state is what it is; a sentence that goes on after the server's name.
  public private(set) var cause = "its agent was not heard yet"
  /// The first sign of what led to the state.
  public private(set) var firstSign: Instant
  public private(set) var isDraining = false
  /// Percent of the configured weight; nil while the agent has said nothing of it.
  public private(set) var weight: Int?
  /// The last answer.
  public private(set) var report: AgentReport?
  /// When the agent should be asked; nil while it is, or when disabled.
  public var nextQuestion: Instant? { isAsking || !isEnabled ? nil : due }
  /// When its silence becomes certain without an answer; nil while there is nothing to fear.
  public var silentAt: Instant? {
    isEnabled && !isSilent ? detector.reaches(PhiAccrualDetector.standardThreshold) : nil
  }

  private var detector: PhiAccrualDetector
  private var isEnabled = true
  private var isAsking = false
  private var isSilent = false
  /// Said by the agent, until it says otherwise.
  private var isDown = false
  private var began: Instant
  private var due: Instant
  private var failures = 0
  private var firstFailure: Instant?
  private var latestFailure = ""

  public init(policy: AgentPolicy, now: Instant) {
    self.policy = policy
    detector = policy.detector
    (began, due, firstSign) = (now, now, now)
  }

  public mutating func handle(_ event: Event, now: Instant, random: inout SeededRandom) {
    switch event {
    case .asked:
      isAsking = true
      began = now
    case .answered(let report):
      guard isAsking else { return }
      isAsking = false
      due = max(now, began + Self.jittered(policy.interval, &random))
      answered(report, now: now)
    case .failed(let detail):
      guard isAsking else { return }
      isAsking = false
      due = max(now, began + Self.jittered(policy.fastInterval, &random))
      failed(detail, now: now)
    case .checkSilence: checkSilence(now: now)
    case .policyChanged(let policy):
      guard policy != self.policy else { return }
      self.policy = policy
      // The intervals from before say nothing about those to come.
      let latest = detector.latest
      detector = policy.detector
      if let latest { detector.heartbeat(now: latest) }
      due = min(due, now + Self.jittered(policy.interval, &random))
    case .adopted(let state):
      if policy.isAlone { self.state = state }
    case .disabled:
      isEnabled = false
      isAsking = false
    }
  }

  private mutating func answered(_ report: AgentReport, now: Instant) {
    detector.heartbeat(now: now, isUsual: !isSilent)
    (isSilent, failures, firstFailure) = (false, 0, nil)
    self.report = report
    if let isUp = report.isUp { isDown = !isUp }
    isDraining = report.isDraining ?? isDraining
    weight = report.weight ?? weight
    let said = report.reason.map { $0.isEmpty ? "" : ": \($0)" } ?? ""
    if isDown {
      become(.unhealthy, "its agent says that it is down\(said)", since: now)
    } else {
      become(.healthy, "its agent says that it is up\(said)", since: now)
    }
  }

  private mutating func failed(_ detail: String, now: Instant) {
    failures = min(failures + 1, 1_000_000)
    latestFailure = detail
    if firstFailure == nil { firstFailure = began }
    if detector.latest == nil, policy.isAlone, failures >= policy.fall {
      become(.unhealthy, "its agent does not answer: \(detail)", since: firstFailure ?? now)
    }
    checkSilence(now: now)
  }

  private mutating func checkSilence(now: Instant) {
    guard let at = silentAt, now >= at else { return }
    isSilent = true
    let span = detector.latest.map { now - $0 } ?? .zero
    let detail =
      latestFailure.isEmpty || failures == 0 ? "" : ", the last try with \(latestFailure)"
    become(
      .unhealthy, "its agent has been silent for \(span.rounded)\(detail)",
      since: firstFailure ?? now)
  }

  private mutating func become(_ next: HealthState, _ cause: String, since: Instant) {
    self.cause = cause
    guard state != next else { return }
    state = next
    firstSign = since
  }

  private static func jittered(_ span: TimeSpan, _ random: inout SeededRandom) -> TimeSpan {
    span.scaled(by: 1 + HealthPolicy.jitter * (2 * random.fraction() - 1))
  }
}

extension TimeSpan {
  /// To 100 ms, for people.
  fileprivate var rounded: TimeSpan { .milliseconds((milliseconds + 50) / 100 * 100) }
}
