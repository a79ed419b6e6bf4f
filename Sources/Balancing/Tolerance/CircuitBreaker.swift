public import Primitives
public import Topology

/// One server's circuit breaker, as one event loop sees it (Nygard, "Release It!", ch. 5).
///
/// It knows two measures. **Avoidance** is quick, short and soft: after a failed connect, or a few
/// tries in a row without an answer, new tries go to other servers for a moment, if there are any.
/// **Ejection** follows the service's `EjectionPolicy`, is longer, and counts bad answers as well:
///
///     closed ──too many failures──▶ open ──time──▶ half-open ──3 good trials──▶ closed
///                                    ▲                │
///                                    └─ a bad trial ──┘  twice as long
///
/// A try counts for the state that it was begun in: what was under way when the server was ejected,
/// or forgiven, says nothing new, however many of them fail together.
public struct CircuitBreaker: Sendable {
  public enum Change: Sendable, Equatable {
    /// Left out until then; the cause is a sentence for people.
    case ejected(until: Instant, cause: String)
    /// It proved itself, and takes its share again.
    case readmitted
  }

  public enum State: Sendable, Equatable {
    case closed, open, halfOpen
  }

  /// When the last avoidance ends.
  private var avoidedUntil = Instant.zero
  /// When the ejection ends and trials may begin; zero while closed.
  private var ejectedUntil = Instant.zero
  /// Tries under way that were begun while half-open; 0 in every other state.
  private var trials = 0
  /// Whether it is left out of its share: open or half-open.
  public private(set) var isEjected = false
  /// While closed: the first moment at which tries were begun that count.
  private var closedSince = Instant.zero

  /// Tries without any answer since the last one.
  public private(set) var failuresInARow = 0
  /// How often it was ejected by what this loop saw, ever.
  public private(set) var ejections: UInt64 = 0
  /// How often it was avoided since the last answer.
  private var rounds = 0
  /// Failures since the last good answer.
  private var badInARow = 0
  private var goodTrials = 0
  /// How long the last ejection was; the next one's growth builds on it.
  private var lastEjection = TimeSpan.zero
  private var outcomes = OutcomeWindow()

  public init() {}

  /// Resets and timeouts in a row after which a server is avoided; a failed connect is enough.
  public static let toleratedFailures = 3
  public static let shortestAvoidance = TimeSpan.milliseconds(500)
  public static let longestAvoidance = TimeSpan.seconds(10)
  /// Good trials in a row that readmit.
  public static let trialsToClose = 3
  /// A server that stays well for this many times `EjectionPolicy.time` has the growth of its next
  /// ejection halved.
  static let wellTimes = 6.0

  /// Whether an answer speaks against its server. 501 and 505 answer what the client asked for.
  public static func isFailure(status: Int) -> Bool {
    status >= 500 && status != 501 && status != 505
  }

  /// Whether a new try may go there while there are others: one at a time while half-open.
  public func admits(_ now: Instant) -> Bool {
    now >= avoidedUntil && now >= ejectedUntil && trials == 0
  }

  public func state(_ now: Instant) -> State {
    if !isEjected { return .closed }
    return now >= ejectedUntil ? .halfOpen : .open
  }

  // MARK: Tries

  /// A try goes to the server.
  public mutating func began(_ now: Instant) {
    if isEjected {
      if now >= ejectedUntil { trials &+= 1 }
    } else if closedSince == .distantFuture {
      closedSince = now
    }
  }

  /// The server answered.
  /// - Parameters:
  ///   - isFailure: see `isFailure(status:)`.
  ///   - began: when the try was begun, or its request was sent.
  ///   - mayEject: whether so few are out that this one may go.
  public mutating func answered(
    isFailure: Bool, began: Instant, policy: EjectionPolicy, mayEject: Bool, now: Instant
  ) -> Change? {
    if failuresInARow > 0 {
      failuresInARow = 0
      rounds = 0
      avoidedUntil = .zero
    }
    return judge(isGood: !isFailure, began, policy, mayEject, now)
  }

  /// The server didn't answer a try. Requests that fail together count as one sign: the time
  /// doubles only when it fails again after it was left out.
  /// - Parameters:
  ///   - isCertain: it refused the connection, so that the next try would fail as well.
  ///   - began: when the try was begun.
  public mutating func failed(
    isCertain: Bool, began: Instant, policy: EjectionPolicy, mayEject: Bool, now: Instant
  ) -> Change? {
    failuresInARow &+= 1
    if isCertain || failuresInARow >= Self.toleratedFailures, now >= avoidedUntil {
      let doublings = Double(1 << min(rounds, 8))
      rounds &+= 1
      avoidedUntil = now + min(Self.shortestAvoidance.scaled(by: doublings), Self.longestAvoidance)
    }
    return judge(isGood: false, began, policy, mayEject, now)
  }

  /// A try that was begun ended without saying anything of the server: the client left.
  /// - Parameter began: nil when that isn't known; then it is taken for a trial, since a place that
  ///   is never given back would keep the server out for good.
  public mutating func abandoned(_ now: Instant, began: Instant? = nil) {
    if isEjected, (began ?? now) >= ejectedUntil { trials = max(0, trials - 1) }
  }

  /// How likely its next try fails, as far as its last ones tell: the share of failures in the window,
  /// or, where it only began to fail, that of its present run: n failures and then none good are n of
  /// n + 1.
  var failureShare: Double {
    let count = outcomes.goodSum &+ outcomes.badSum
    let share = count > 0 ? Double(outcomes.badSum) / Double(count) : 0
    return max(share, Double(badInARow) / Double(badInARow &+ 1))
  }

  // MARK: Word from elsewhere

  /// Another loop ejected it; the growth of its time goes on from here.
  public mutating func eject(until: Instant, now: Instant) {
    guard until > now, !isEjected || until > ejectedUntil else { return }
    leaveOut(until: until, now)
  }

  /// A check found it healthy after it was not, or another process answers there: it gets another
  /// chance at once. How long it is left out next still follows from how often it was, so that one
  /// that passes its checks and fails its requests is not forgiven for ever.
  public mutating func forgive() {
    failuresInARow = 0
    rounds = 0
    avoidedUntil = .zero
    // From the next try that is begun.
    takeBack(since: .distantFuture)
  }

  // MARK: Ejection

  private mutating func judge(
    isGood: Bool, _ began: Instant, _ policy: EjectionPolicy, _ mayEject: Bool, _ now: Instant
  ) -> Change? {
    if isEjected { return judgeTrial(isGood: isGood, began, policy, now) }
    guard began >= closedSince else { return nil }
    outcomes.count(isGood: isGood, over: policy.window, now: now)
    if isGood {
      badInARow = 0
      return nil
    }
    badInARow &+= 1
    guard mayEject, let cause = cause(policy) else { return nil }
    let steps = (now - closedSince).seconds / (policy.time.seconds * Self.wellTimes)
    // More halvings than 62 leave nothing of any span.
    lastEjection.nanoseconds >>= steps < 62 ? Int64(max(steps, 0)) : 62
    return eject(policy, cause, now)
  }

  private mutating func judgeTrial(
    isGood: Bool, _ began: Instant, _ policy: EjectionPolicy, _ now: Instant
  ) -> Change? {
    guard began >= ejectedUntil else { return nil }
    // It is out already, so that no other has to be in for it.
    if !isGood { return eject(policy, "its trial failed", now) }
    trials = max(0, trials - 1)
    goodTrials &+= 1
    if goodTrials < Self.trialsToClose { return nil }
    takeBack(since: now)
    return .readmitted
  }

  /// Nil when there is none.
  private func cause(_ policy: EjectionPolicy) -> String? {
    if policy.failures > 0, badInARow >= policy.failures { return "\(badInARow) failures in a row" }
    let count = outcomes.goodSum &+ outcomes.badSum
    guard count >= UInt64(max(policy.minimumRequests, 1)) else { return nil }
    let share = Double(outcomes.goodSum) / Double(count)
    guard share < policy.successRate else { return nil }
    return "\(Int(share * 100))% of \(count) requests in \(policy.window) succeeded"
  }

  private mutating func eject(
    _ policy: EjectionPolicy, _ cause: String, _ now: Instant
  ) -> Change {
    let time = min(max(lastEjection.scaled(by: 2), policy.time), policy.longest)
    ejections &+= 1
    leaveOut(until: now + max(time, .nanoseconds(1)), now)
    return .ejected(until: ejectedUntil, cause: cause)
  }

  private mutating func leaveOut(until: Instant, _ now: Instant) {
    isEjected = true
    ejectedUntil = until
    lastEjection = until - now
    beginAnew()
  }

  private mutating func takeBack(since: Instant) {
    isEjected = false
    ejectedUntil = .zero
    closedSince = since
    beginAnew()
  }

  private mutating func beginAnew() {
    (trials, goodTrials, badInARow) = (0, 0, 0)
    outcomes = OutcomeWindow()
  }
}
