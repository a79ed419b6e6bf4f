public import Primitives

extension ServiceBalancer {
  /// As `Balancer.explain`, over both versions. Where either could get the request, the candidates
  /// are those of both.
  public func explain(
    _ request: Balancer.Request, loads: [ServerLoad], now: Instant
  ) -> Balancer.Explanation {
    guard let division else { return old.explain(request, loads: loads, now: now) }
    var copy = self
    let (isNew, reason) = copy.version(of: request, loads, now)
    let former = old.explain(request, loads: loads, now: now)
    let fresh = new.explain(request, loads: loads, now: now)
    if reason == .share, division.isPartial, !division.isHashed {
      return Balancer.Explanation(
        algorithm: former.algorithm,
        set: "\(Self.percent(division.share)) to the new version: \(fresh.set); "
          + "the rest to the old one: \(former.set)",
        candidates: former.candidates + fresh.candidates, others: former.others + fresh.others,
        isHeldBySession: false)
    }
    let (taken, left) = isNew ? (fresh, former) : (former, fresh)
    return Balancer.Explanation(
      algorithm: taken.algorithm,
      set: "the \(isNew ? "new" : "old") version, \(words(reason)): \(taken.set)",
      candidates: taken.candidates,
      others: taken.others + left.others
        + left.candidates.map { .init(server: $0.server, reason: .version) },
      isHeldBySession: taken.isHeldBySession)
  }

  private func words(_ reason: VersionReason) -> String {
    switch reason {
    case .rule: return "by the deployment's rule"
    case .session: return "by the session"
    case .retry: return "since it was tried before"
    case .share:
      let share = division?.share ?? 0
      return division?.isPartial == true
        ? "by its key, of which \(Self.percent(share)) go to the new one"
        : "which has all requests"
    }
  }

  private static func percent(_ share: Double) -> String {
    let tenths = Int((share * 1000).rounded())
    return tenths % 10 == 0 ? "\(tenths / 10) %" : "\(tenths / 10).\(tenths % 10) %"
  }
}
