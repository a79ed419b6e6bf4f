import Primitives

/// The better of two (see PowerOfTwo.swift) by one score of all that is known, each part 0 … 1:
///
///     score = 0.35·cpu + 0.15·memory + 0.3·requests + 0.2·latency
///     requests = r / (1 + r),  r = (inflight + 1) / weight over its mean among the candidates
///     latency  = t / (1 + t),  t = expected time (`LatencyEstimate.cost`) over the fleet's mean
///
/// so 0.5 is a usual server's part, and a `t` within `noise` of 1 counts as 1 (see LeastTime.swift). CPU and memory are what the server reported (`MeasuredLoad`);
/// they are seconds old, so requests and latency, which are seen at once, keep half of the score.
/// Where one of the two has no report of the last ten seconds both are compared without it. Dynamic
/// feedback as in Zhang, "Linux Virtual Server for Scalable Network Services", 2000.
extension Balancer {
  static let cpuPart = 0.35
  static let memoryPart = 0.15
  static let requestPart = 0.3
  static let latencyPart = 0.2

  mutating func pickAggregateLoad(
    _ question: Question, _ loads: [ServerLoad], _ random: inout SeededRandom
  ) -> Int {
    let now = question.now
    let mean = meanRequests
    return pickOfTwo(question, loads, &random) { first, second in
      let one = reportedPart(first, loads, now)
      let other = reportedPart(second, loads, now)
      let left = trafficPart(first, mean, loads, now)
      let right = trafficPart(second, mean, loads, now)
      return one < 0 || other < 0 ? right < left : other + right < one + left
    }
  }

  /// Requests under way and one more each, for the mean weight.
  var meanRequests: Double {
    Double(total &+ candidates.count) / Double(max(1, weightSum))
  }

  /// Of CPU and memory; negative without a fresh report.
  @inline(__always) func reportedPart(
    _ place: Int, _ loads: [ServerLoad], _ now: Instant
  ) -> Double {
    guard let report = loads[candidates[place].server].measurement, report.isFresh(now) else {
      return -1
    }
    return Self.cpuPart * report.cpu + Self.memoryPart * report.memory
  }

  /// Of requests and latency.
  @inline(__always) func trafficPart(
    _ place: Int, _ mean: Double, _ loads: [ServerLoad], _ now: Instant
  ) -> Double {
    let candidate = candidates[place]
    let own = Double(loads[candidate.server].inflight &+ 1) / Double(candidate.effective)
    var time = loads[candidate.server].latency.cost(fleet, now: now)
    if Self.isNoise(time, fleet.nanoseconds) { time = fleet.nanoseconds }
    return Self.requestPart * own / (own + mean)
      + Self.latencyPart * time / (time + fleet.nanoseconds)
  }

  /// Without a report the score is of the rest alone, on the same scale.
  func aggregateScore(_ place: Int, _ loads: [ServerLoad], _ now: Instant) -> Double {
    let traffic = trafficPart(place, meanRequests, loads, now)
    let reported = reportedPart(place, loads, now)
    return reported < 0 ? traffic / (Self.requestPart + Self.latencyPart) : reported + traffic
  }
}
