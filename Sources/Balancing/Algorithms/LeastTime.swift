import Primitives

/// The better of two (see PowerOfTwo.swift) by the time that a request would take there:
///
///     cost = (latency + failures) · (inflight + 1) / weight
///
/// with the latency of `LatencyEstimate` (peak EWMA). Two choices instead of the minimum over all,
/// so that several balancers don't all run to the same server. Of two idle ones with unequal weights
/// only the time counts: the draw has followed the weights already.
extension Balancer {
  mutating func pickLeastTime(
    _ question: Question, _ loads: [ServerLoad], _ random: inout SeededRandom
  ) -> Int {
    let now = question.now
    return pickOfTwo(question, loads, &random) { first, second in
      let (one, other) = (candidates[first], candidates[second])
      let (left, right) = (loads[one.server].inflight, loads[other.server].inflight)
      let leftTime = loads[one.server].latency.cost(fleet, now: now)
      let rightTime = loads[other.server].latency.cost(fleet, now: now)
      if left | right == 0 { return rightTime < leftTime }
      return rightTime * Double(right &+ 1) * Double(one.effective)
        < leftTime * Double(left &+ 1) * Double(other.effective)
    }
  }

  func timeScore(_ place: Int, _ loads: [ServerLoad], _ now: Instant) -> Double {
    let candidate = candidates[place]
    let load = Double(loads[candidate.server].inflight &+ 1)
    return loads[candidate.server].latency.cost(fleet, now: now) * load
      / Double(candidate.effective)
  }
}
