public import Primitives

/// How certain it is that somebody who should be heard from at intervals has gone silent.
///
/// φ(t) = −log₁₀ P(the next sign comes later than t after the last), the intervals taken as
/// normally distributed with the mean and deviation of those seen lately: at φ = 8 a living one is
/// taken for silent once in 10⁸ times (Hayashibara, Défago, Yared, Katayama, "The φ Accrual Failure
/// Detector", 2004). For the tail of the normal distribution stands the logistic approximation
/// P ≈ 1 / (1 + eˣ), x = y(1.5976 + 0.070566 y²), y = (t − mean) / deviation, good to 0.014 % of
/// probability (Bowling et al., "A Logistic Approximation to the Cumulative Normal Distribution",
/// 2009), so that φ = ln(1 + eˣ) / ln 10.
///
/// Until there are samples, the caller's estimate stands for two of them.
public struct PhiAccrualDetector: Sendable {
  public static let window = 100
  public static let standardThreshold = 8.0
  /// Of one interval; keeps the sums of squares far from overflow.
  static let longestInterval = TimeSpan.hours(24)

  /// From the last sign on; nil before the first.
  public private(set) var latest: Instant?

  private let minimumDeviation: Double
  private let acceptablePause: Double
  /// Milliseconds, so that the sums stay exact while samples come and go.
  private var samples = InlineArray<100, Int32>(repeating: 0)
  private var count = 0
  private var next = 0
  private var sum: Int64 = 0
  private var sumOfSquares: Int64 = 0

  /// - Parameters:
  ///   - estimate: the interval to expect; a quarter of it is the first deviation.
  ///   - minimumDeviation: keeps very even signs from making a short delay a certainty.
  ///   - acceptablePause: comes on top of the mean.
  public init(estimate: TimeSpan, minimumDeviation: TimeSpan, acceptablePause: TimeSpan) {
    self.minimumDeviation = max(1, Double(minimumDeviation.milliseconds))
    self.acceptablePause = Double(max(acceptablePause, .zero).milliseconds)
    let (mean, deviation) = (estimate.milliseconds, estimate.milliseconds / 4)
    add(.milliseconds(mean - deviation))
    add(.milliseconds(mean + deviation))
  }

  /// A sign came.
  /// - Parameter isUsual: false leaves the interval out, such as one that ended a silence.
  public mutating func heartbeat(now: Instant, isUsual: Bool = true) {
    if let latest, isUsual { add(now - latest) }
    latest = now
  }

  /// 0 before the first sign.
  public func phi(now: Instant) -> Double {
    guard let latest else { return 0 }
    let y = (Double((now - latest).milliseconds) - mean - acceptablePause) / deviation
    let x = y * (1.5976 + 0.070566 * y * y)
    // ln(1 + eˣ) without its overflow.
    let tail =
      x > 0 ? x + naturalLogarithm(1 + exponential(-x)) : naturalLogarithm(1 + exponential(x))
    return tail / Self.logarithmOfTen
  }

  /// When φ reaches a threshold over 1, without another sign; nil before the first.
  public func reaches(_ threshold: Double) -> Instant? {
    guard let latest else { return nil }
    let target = threshold * Self.logarithmOfTen
    let x = target + naturalLogarithm(1 - exponential(-target))
    // Newton's method; the function is convex and rises here, so it comes from above and stays.
    var y = x / 1.5976
    for _ in 0..<30 {
      y -= (y * (1.5976 + 0.070566 * y * y) - x) / (1.5976 + 3 * 0.070566 * y * y)
    }
    let wait = mean + acceptablePause + y * deviation
    // Up, so that φ has reached it then.
    return latest + .milliseconds(Int64(wait.rounded(.up)))
  }

  private var mean: Double { Double(sum) / Double(max(count, 1)) }

  private var deviation: Double {
    let variance = Double(sumOfSquares) / Double(max(count, 1)) - mean * mean
    return max(variance, 0).squareRoot() < minimumDeviation
      ? minimumDeviation : variance.squareRoot()
  }

  private mutating func add(_ interval: TimeSpan) {
    let sample = Int32(clamping: min(max(interval, .zero), Self.longestInterval).milliseconds)
    if count == Self.window {
      let oldest = Int64(samples[next])
      sum -= oldest
      sumOfSquares -= oldest * oldest
    } else {
      count += 1
    }
    samples[next] = sample
    next = next + 1 == Self.window ? 0 : next + 1
    sum += Int64(sample)
    sumOfSquares += Int64(sample) * Int64(sample)
  }

  private static let logarithmOfTen = 2.302585092994046
}
