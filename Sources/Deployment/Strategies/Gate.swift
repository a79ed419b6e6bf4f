public import Primitives

/// What the balancer measured of the servers of one revision, since a step began.
public struct GroupTraffic: Sendable, Equatable {
  public var requests: Int
  /// Answers of 5xx, and requests that got none.
  public var failures: Int
  public var p50: TimeSpan?
  public var p99: TimeSpan?
  /// Requests under way against their limit, 0 … 1; nil without a limit.
  public var saturation: Double?

  public init(
    requests: Int = 0, failures: Int = 0, p50: TimeSpan? = nil, p99: TimeSpan? = nil,
    saturation: Double? = nil
  ) {
    self.requests = requests
    self.failures = failures
    self.p50 = p50
    self.p99 = p99
    self.saturation = saturation
  }
}

/// New against old, at the same time and under the same load.
public struct GateSample: Sendable, Equatable {
  public var new: GroupTraffic
  public var old: GroupTraffic

  public init(new: GroupTraffic, old: GroupTraffic) {
    self.new = new
    self.old = old
  }
}

/// When a new revision is worse than the old one.
public struct GatePolicy: Codable, Sendable, Equatable {
  /// Failures of requests, 0 … 1, above those of the old one; nil: not looked at.
  public var errorRate: Double? = 0.02
  /// Of the new one alone; nil: not looked at.
  public var p99: TimeSpan?
  /// So many times the latency of the old one; nil: not looked at.
  public var slowdown: Double? = 3
  /// Requests under way against their limit, 0 … 1, when the old one has less; nil: not looked at.
  public var saturation: Double?
  /// The least requests to the new one that a good verdict takes.
  public var requests = 100

  public init() {}

  static var none: GatePolicy {
    var policy = GatePolicy()
    policy.errorRate = nil
    policy.slowdown = nil
    return policy
  }

  public enum Verdict: Sendable, Equatable {
    /// What is worse, in words.
    case failed(String)
    case passed
    /// Nothing bad in so few requests, which says little.
    case tooFew
  }

  /// Fewer failures than these are an accident.
  static let leastFailures = 3
  /// p99 of fewer requests than these hangs on four of them.
  static let leastForTail = 500
  /// Slower by less than this is noise, in the median and at p99.
  static let leastMedianLoss = TimeSpan.milliseconds(5)
  static let leastTailLoss = TimeSpan.milliseconds(50)

  public func verdict(_ sample: GateSample) -> Verdict {
    if let reason = errors(sample) ?? latency(sample) ?? fullness(sample) {
      return .failed(reason)
    }
    return sample.new.requests >= requests || looksAtNothing ? .passed : .tooFew
  }

  private var looksAtNothing: Bool {
    errorRate == nil && p99 == nil && slowdown == nil && saturation == nil
  }

  /// The lower end of Wilson's interval has to be above the limit: three of three are enough, and
  /// three of two hundred are not.
  private func errors(_ sample: GateSample) -> String? {
    guard let errorRate, sample.new.failures >= Self.leastFailures else { return nil }
    let old = sample.old
    let former = old.requests >= requests ? Double(old.failures) / Double(old.requests) : 0
    let limit = errorRate + former
    guard Self.wilsonLower(sample.new.failures, of: sample.new.requests) > limit else { return nil }
    let count = "\(sample.new.failures) of \(sample.new.requests) requests to it failed"
    return old.requests >= requests
      ? "\(count), of the old one's \(old.failures) of \(old.requests)" : count
  }

  private func latency(_ sample: GateSample) -> String? {
    guard sample.new.requests >= requests else { return nil }
    let hasTail = sample.new.requests >= max(requests, Self.leastForTail)
    if hasTail, let limit = p99, let new = sample.new.p99, new > limit {
      return "its p99 is \(new), over \(limit)"
    }
    guard let slowdown, sample.old.requests >= requests else { return nil }
    func isSlower(_ new: TimeSpan?, _ old: TimeSpan?, by least: TimeSpan) -> Bool {
      guard let new, let old else { return false }
      return new.seconds > old.seconds * slowdown && new - old > least
    }
    if isSlower(sample.new.p50, sample.old.p50, by: Self.leastMedianLoss),
      let new = sample.new.p50, let old = sample.old.p50
    {
      return "its median is \(new), the old one's \(old)"
    }
    if hasTail, sample.old.requests >= Self.leastForTail,
      isSlower(sample.new.p99, sample.old.p99, by: Self.leastTailLoss),
      let new = sample.new.p99, let old = sample.old.p99
    {
      return "its p99 is \(new), the old one's \(old)"
    }
    return nil
  }

  private func fullness(_ sample: GateSample) -> String? {
    guard let saturation, let new = sample.new.saturation, new > saturation,
      new > sample.old.saturation ?? 0, sample.new.requests >= requests
    else { return nil }
    return "it is \(Int((min(new, 100) * 100).rounded())) % full, the limit is "
      + "\(Int((saturation * 100).rounded())) %"
  }

  /// E. B. Wilson, Probable Inference (1927), one-sided at 95 %.
  static func wilsonLower(_ hits: Int, of trials: Int) -> Double {
    guard trials > 0 else { return 0 }
    let z = 1.645
    let n = Double(trials)
    let share = min(Double(max(hits, 0)) / n, 1)
    let middle = share + z * z / (2 * n)
    let spread = z * (share * (1 - share) / n + z * z / (4 * n * n)).squareRoot()
    return max(0, (middle - spread) / (1 + z * z / n))
  }
}
