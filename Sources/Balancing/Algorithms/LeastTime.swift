import Primitives

/// The better of two (see PowerOfTwo.swift) by the time that a request would take there:
///
///     cost = (latency + failures) · (inflight + 1) / weight
///
/// with the latency of `LatencyEstimate` (peak EWMA). Two choices instead of the minimum over all,
/// so that several balancers don't all run to the same server. Of two idle ones only the time counts:
/// the draw has followed the weights already.
///
/// Times within `noise` of one another count as the same: peaks are extremes, which differ by as much
/// between servers that are equal, and such servers are to have equal shares.
extension Balancer {
  static let noise = 1.5

  mutating func pickLeastTime(
    _ question: Question, _ loads: [ServerLoad], _ random: inout SeededRandom
  ) -> Int {
    let now = question.now
    return pickOfTwo(question, loads, &random) { first, second in
      let (one, other) = (candidates[first], candidates[second])
      let (left, right) = (loads[one.server].inflight, loads[other.server].inflight)
      var leftTime = loads[one.server].latency.cost(fleet, now: now)
      let rightTime = loads[other.server].latency.cost(fleet, now: now)
      if Self.isNoise(leftTime, rightTime) { leftTime = rightTime }
      if left | right == 0 { return rightTime < leftTime }
      return rightTime * Double(right &+ 1) * Double(one.effective)
        < leftTime * Double(left &+ 1) * Double(other.effective)
    }
  }

  @inline(__always) static func isNoise(_ one: Double, _ other: Double) -> Bool {
    one < noise * other && other < noise * one
  }

  func timeScore(_ place: Int, _ loads: [ServerLoad], _ now: Instant) -> Double {
    let candidate = candidates[place]
    let load = Double(loads[candidate.server].inflight &+ 1)
    return loads[candidate.server].latency.cost(fleet, now: now) * load
      / Double(candidate.effective)
  }
}
