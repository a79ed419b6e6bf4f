import Primitives

/// How latency votes.
///
/// Twice the replicas do not halve a latency. Of an unloaded service it is the time that the work itself
/// takes, however many replicas there are; near saturation a few more take off nearly all of it; and what
/// a slow database adds, no replica takes away. In the proportional formula a p95 of a third of its
/// target would stop two thirds of the replicas, and with them the target. So latency
///
/// - asks for at most half as many again at a time, and only after an interval in which all replicas were
///   ready, since the requests of before waited for the new ones;
/// - gives up after `futileSteps` that did not lower it though the load had not grown, until it is met;
/// - beside other signals never asks for fewer, alone for one fewer at a time;
/// - remembers at which load of a replica it was missed, for `memory`: nobody may bring a replica nearer
///   than `margin` to that again. So there is one reversal and not one every five minutes.
struct LatencyVote: Sendable {
  static let largestStep = 1.5
  static let futileSteps = 3
  static let margin = 0.9
  static let memory = TimeSpan.hours(1)

  private struct Miss: Sendable {
    /// Requests a second and replica.
    var load: Double
    var at: Instant
  }

  private struct Step: Sendable {
    var p95: Double
    var requestsPerSecond: Double
  }

  private var miss: Miss?
  private var lastStep: Step?
  private var futile = 0
  /// The count that was ready as a whole at the last look.
  private var settled: Int?

  init() {}

  /// - Parameter isAlone: whether there is no other signal.
  mutating func vote(
    _ sample: ScalingSample, _ traffic: ScalingSample.Traffic, target: Double, tolerance: Double,
    isAlone: Bool, now: Instant
  ) -> ScalingVote.Ballot {
    let count = sample.count
    let ready = sample.replicas.count(where: \.isReady)
    let wasSettled = settled == count
    settled = ready >= count ? count : nil
    if let miss, now - miss.at >= Self.memory { self.miss = nil }
    guard let p95 = traffic.p95, p95.isFinite, traffic.requestsPerSecond.isFinite else {
      return isAlone && traffic.isIdle && count > 1 ? .replicas(count - 1) : .abstains
    }
    let ratio = p95 / target
    if ratio > 1 + tolerance {
      guard wasSettled, settled != nil else { return .replicas(count) }
      learn(traffic.requestsPerSecond / Double(max(1, ready)), now)
      return .replicas(more(count, ratio, p95, traffic.requestsPerSecond))
    }
    lastStep = nil
    futile = 0
    let least = needed(traffic.requestsPerSecond)
    guard isAlone else { return least > 0 ? .replicas(min(least, count)) : .abstains }
    guard ratio < 1 - tolerance, count > 1 else { return .replicas(count) }
    return .replicas(min(count, max(count - 1, least)))
  }

  private mutating func more(
    _ count: Int, _ ratio: Double, _ p95: Double, _ requestsPerSecond: Double
  ) -> Int {
    if let lastStep {
      let grew = requestsPerSecond > lastStep.requestsPerSecond * 1.1
      futile = p95 > lastStep.p95 * 0.9 && !grew ? futile + 1 : 0
    }
    guard futile < Self.futileSteps else { return count }
    lastStep = Step(p95: p95, requestsPerSecond: requestsPerSecond)
    return max(
      count + 1, ScalingMachine.ceiling(Double(count) * min(ratio, Self.largestStep)))
  }

  private mutating func learn(_ load: Double, _ now: Instant) {
    guard load > 0 else { return }
    miss = Miss(load: min(miss?.load ?? load, load), at: now)
  }

  /// So many that none comes near the load at which the target was missed; 0 when it never was.
  private func needed(_ requestsPerSecond: Double) -> Int {
    guard let miss else { return 0 }
    return ScalingMachine.ceiling(requestsPerSecond / (miss.load * Self.margin))
  }
}
