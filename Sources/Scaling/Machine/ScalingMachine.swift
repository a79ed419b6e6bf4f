public import Primitives

/// Follows the load with the number of replicas.
///
/// Each signal asks for `ceil(replicas × measured / target)`, and the one that asks for the most is heard
/// (the formula, its tolerance and windows are those of Kubernetes' HorizontalPodAutoscaler). A replica
/// that is not ready yet uses nothing when more are asked for, and all of its target when fewer are; what
/// is not measured takes nothing away. Latency has rules of its own, see `LatencyVote`.
///
/// Duties of the caller:
/// 1. Send `sampled` every `policy.interval`, with what was measured since the one before.
/// 2. Send `requested` when a request waits and no replica is wanted.
/// 3. Make the wanted count that of each decision; nobody else changes it without telling by `ordered`.
///
/// A new machine knows nothing of the time before: it takes replicas away only after it has looked for
/// the length of the window.
public struct ScalingMachine: Sendable {
  public enum Event: Sendable, Equatable {
    case sampled(ScalingSample)
    case requested(count: Int)
    /// By an operator, within the bounds.
    case ordered(Int, count: Int)
    case policyChanged(ScalingPolicy, count: Int)
  }

  struct Recommendation: Sendable { var at: Instant, count: Int }
  struct Change: Sendable { var at: Instant, by: Int }

  /// What an operator ordered. Fewer than there were hold whatever the load; more hold as a minimum.
  struct Order: Sendable { var count: Int, until: Instant, isExact: Bool }

  /// Of each list below.
  static let historyLimit = 4_096

  public private(set) var policy: ScalingPolicy
  var recommendations: [Recommendation] = []
  /// The first look, and the count that it found.
  var began: Recommendation?
  var changes: [Change] = []
  var order: Order?
  var latency = LatencyVote()
  /// Since when nothing was asked.
  var idleSince: Instant?

  public init(policy: ScalingPolicy) { self.policy = policy }

  /// - Returns: what to do; nil when the event says nothing about the count.
  public mutating func handle(_ event: Event, now: Instant) -> ScalingDecision? {
    switch event {
    case .sampled(let sample): return decide(sample, now)
    case .requested(let count):
      guard count == 0, policy.maximum > 0 else { return nil }
      order = nil
      idleSince = nil
      return changed(
        ScalingDecision(from: 0, to: max(1, policy.minimum), wanted: 1, reason: .request), now)
    case .ordered(let wanted, let count):
      order = Order(
        count: wanted, until: now + policy.down.window, isExact: wanted < count)
      idleSince = nil
      return changed(
        ScalingDecision(from: count, to: wanted, wanted: wanted, reason: .order), now)
    case .policyChanged(let policy, let count):
      self.policy = policy
      let kept = min(max(count, policy.minimum), policy.maximum)
      if let order, order.count != min(max(order.count, policy.minimum), policy.maximum) {
        self.order = nil
      }
      guard kept != count else { return nil }
      return changed(
        ScalingDecision(
          from: count, to: kept, wanted: count, reason: kept > count ? .minimum : .maximum), now)
    }
  }

  /// Why an operator may not order a number; nil when he may.
  public func refusal(ofOrdering count: Int) -> String? {
    guard count < policy.minimum || count > policy.maximum else { return nil }
    return
      "its autoscaler keeps \(policy.minimum) to \(policy.maximum) replicas: change `scale.\(count > policy.maximum ? "max" : "min")`, or order a number within"
  }

  /// What an order still holds, and until when.
  public func ordered(now: Instant) -> (count: Int, until: Instant)? {
    order.flatMap { now < $0.until ? ($0.count, $0.until) : nil }
  }

  /// Notes a decision for the pace.
  mutating func changed(_ decision: ScalingDecision, _ now: Instant) -> ScalingDecision {
    let by = decision.to - decision.from
    if by != 0 {
      let oldest = max(policy.up.per, policy.down.per)
      changes.removeAll { now - $0.at >= oldest }
      if changes.count >= Self.historyLimit { changes.removeFirst() }
      changes.append(Change(at: now, by: by))
    }
    return decision
  }

  /// The next whole number, but for what the arithmetic of doubles adds; bounded.
  static func ceiling(_ number: Double) -> Int {
    guard number.isFinite, number > 0 else { return 0 }
    return Int(min((number - 1e-9).rounded(.up), 1e6))
  }
}
