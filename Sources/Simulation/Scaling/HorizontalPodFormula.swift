import Primitives
import Scaling

/// What Kubernetes' HorizontalPodAutoscaler would do with the CPU of the same intervals, with the
/// defaults of autoscaling/v2: a look every 15 s, a tolerance of 10 %, on the way down the highest of
/// the last 300 s, on the way up at most double or four more in 15 s.
struct HorizontalPodFormula {
  let target: Double
  let minimum: Int
  let maximum: Int
  /// Without tolerance, window and pace: the formula alone.
  let isBare: Bool
  private var recommended: [(at: Double, count: Int)] = []

  init(target: Double, minimum: Int, maximum: Int, isBare: Bool) {
    self.target = target
    self.minimum = minimum
    self.maximum = maximum
    self.isBare = isBare
  }

  mutating func count(for sample: ScalingSample, now: Double) -> Int {
    let wanted = min(max(proportional(sample), minimum), maximum)
    if isBare { return wanted }
    if recommended.isEmpty { recommended.append((now, sample.count)) }
    recommended.removeAll { now - $0.at > 300 }
    recommended.append((now, wanted))
    if wanted < sample.count {
      return min(sample.count, recommended.map(\.count).max() ?? wanted)
    }
    return min(wanted, max(sample.count * 2, sample.count + 4))
  }

  private func proportional(_ sample: ScalingSample) -> Int {
    let known = sample.replicas.filter(\.isReady).compactMap(\.cpu)
    guard !known.isEmpty else { return sample.count }
    let used = known.reduce(0, +)
    let ratio = used / Double(known.count) / target
    if isBare { return rounded(ratio * Double(sample.count)) }
    if abs(ratio - 1) <= 0.1 { return sample.count }
    guard known.count < sample.count, ratio > 1 else {
      return rounded(ratio * Double(known.count))
    }
    // Those that are not ready use nothing yet; where that turns the direction, nothing changes.
    let whole = used / Double(sample.count) / target
    return whole > 1.1 ? rounded(whole * Double(sample.count)) : sample.count
  }

  private func rounded(_ number: Double) -> Int { Int((number - 1e-9).rounded(.up)) }
}
