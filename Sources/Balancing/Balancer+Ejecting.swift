public import Primitives
public import Topology

/// Whom the breakers may leave out.
extension Balancer {
  /// A run of failures that chance alone would make this rarely is no chance.
  static let improbable = 1e-6
  /// Of the others' share of successes: what an outlier stays under.
  static let outlierPart = 0.75
  static let outlierMargin = 0.05

  /// Whether another of the servers may be left out now: fewer are than the policy's share of the
  /// candidates, and it would not be the last.
  public func mayEject(loads: [ServerLoad], now: Instant) -> Bool {
    guard let service else { return false }
    let share = min(max(service.ejection.maxShare, 0), 1)
    let most = min(Int(share * Double(candidates.count)), candidates.count - 1)
    return ejected < most
  }

  /// The policy for a failure of this server; nil when no other may be left out now.
  ///
  /// To leave a server out helps only if the others are better. Where all fail alike, each has runs
  /// of failures by chance, and the rest would carry the load of those left out on top of the fault.
  /// So the run has to be so long that the others' share of failures p makes it improbable
  /// (p^n < 10⁻⁶), and the share of successes clearly smaller than three quarters of theirs. With
  /// others that are well both are what the policy says.
  public func ejection(
    of server: Int, loads: [ServerLoad], now: Instant
  ) -> EjectionPolicy? {
    guard mayEject(loads: loads, now: now), var policy = service?.ejection else { return nil }
    let failing = failureShare(except: server, loads)
    guard failing > 0 else { return policy }
    let logarithm = naturalLogarithm(min(failing, 0.999))
    let run = Int((naturalLogarithm(Self.improbable) / logarithm).rounded(.up))
    if policy.failures > 0 { policy.failures = max(policy.failures, run) }
    let bound = Self.outlierPart * (1 - failing) - Self.outlierMargin
    policy.successRate = min(policy.successRate, max(bound, 0))
    return policy
  }

  /// The mean over the other candidates that are in use. Only failures ask for this.
  private func failureShare(except server: Int, _ loads: [ServerLoad]) -> Double {
    var (sum, count) = (0.0, 0.0)
    for candidate in candidates
    where candidate.server != server && !loads[candidate.server].breaker.isEjected {
      let load = loads[candidate.server]
      sum += max(load.latency.failureShare, load.breaker.failureShare)
      count += 1
    }
    return count > 0 ? sum / count : 0
  }
}
