public import Primitives

/// How long a server takes to answer, as its own answers tell: a peak-sensitive moving average
/// (finagle's `PeakEwma`; Montgomery, "Peak EWMA", 2014). A slower answer counts at once, faster
/// ones with a time constant of ten seconds:
///
///     l ← max(l, x)                      for a slower answer x
///     ln l ← ln x + (ln l − ln x)·w      for a faster one, w = e^(−Δt / 10 s)
///
/// It falls on the scale of logarithms, so that one answer of a hundred times the usual is forgotten
/// after some twenty seconds and not after fifty. A failure's time isn't a server's time, or one
/// that fails fast would win: failures count in a share of their own, which `cost` charges for.
public struct LatencyEstimate: Sendable {
  public static let timeConstant = TimeSpan.seconds(10)
  /// A failure counts as at least so much latency.
  public static let penalty = TimeSpan.seconds(1)
  /// Before so long without an answer an estimate is as good as new.
  static let freshness = TimeSpan.seconds(1)
  /// What an estimate without any answer stands for, where no server has given one.
  static let unknown = 1e6
  /// Under a microsecond nothing is measured; over an hour it makes no difference.
  private static let shortest = 1e3
  private static let longest = 3.6e12

  /// 0 before the first answer.
  private(set) var nanoseconds = 0.0
  /// Of `nanoseconds`; 0 before the first answer, which no estimate of a microsecond or more has.
  private(set) var logarithm = 0.0
  /// Of the last tries, 0 … 1.
  public private(set) var failureShare = 0.0
  /// When the last try was answered.
  private(set) var updated = Instant.zero
  /// Tries that wait for their answer.
  private var waiting = 0
  /// When a try was last answered, or began with no other waiting.
  private var heard = Instant.zero

  /// Zero before the first answer.
  public var latency: TimeSpan { TimeSpan(nanoseconds: Int64(exactly: nanoseconds.rounded()) ?? 0) }

  mutating func began(_ now: Instant) {
    if waiting == 0 { heard = now }
    waiting &+= 1
  }

  /// A try that waited ended without an answer, through no fault of the server's; its answer would
  /// have taken longer than that, whatever it would have been.
  mutating func abandoned(after waited: TimeSpan, now: Instant) {
    waiting = max(0, waiting &- 1)
    let sample = min(Double(waited.nanoseconds), Self.longest)
    guard sample > nanoseconds, sample >= Self.shortest else { return }
    nanoseconds = sample
    logarithm = naturalLogarithm(sample)
    updated = now
  }

  /// No more tries wait than there are under way.
  mutating func bound(_ inflight: Int) { if waiting > inflight { waiting = max(0, inflight) } }

  mutating func answered(after latency: TimeSpan, isFailure: Bool, now: Instant) {
    waiting = max(0, waiting &- 1)
    heard = now
    let quiet = now - updated
    let keep = exponential(-max(0, quiet.seconds) / Self.timeConstant.seconds)
    updated = now
    if quiet > Self.freshness { failureShare *= keep }
    // At least one in 64, so that a busy server's failures are seen after a few, and not seconds.
    let gain = min(max(1 - keep, 1.0 / 64), 0.25)
    failureShare += gain * ((isFailure ? 1 : 0) - failureShare)

    let sample = min(max(Double(latency.nanoseconds), Self.shortest), Self.longest)
    if sample >= nanoseconds {
      if isFailure, nanoseconds == 0 { return }
      nanoseconds = sample
      logarithm = naturalLogarithm(sample)
    } else if !isFailure {
      let goal = naturalLogarithm(sample)
      logarithm = goal + (logarithm - goal) * keep
      nanoseconds = exponential(logarithm)
    }
  }

  mutating func forgive() {
    failureShare = 0
    nanoseconds = 0
    logarithm = 0
  }

  /// What a try would take, in nanoseconds, failures included: `l + f·max(1 s, 10·mean)`.
  ///
  /// Tries that wait count as well: while nothing is heard, `l` is at least the silence, so a server
  /// that stalls is seen before its first answer comes. One that nobody asks drifts to the fleet's
  /// mean, and so gets a try after a while; as long as that try waits, the estimate stands as it was,
  /// so it's one try and not a herd.
  func cost(_ fleet: FleetLatency, now: Instant) -> Double {
    var expected = nanoseconds > 0 ? nanoseconds : fleet.nanoseconds
    var failures = failureShare
    if waiting > 0 {
      expected = max(expected, Double((now - heard).nanoseconds))
    } else {
      let quiet = now - updated
      if quiet > Self.freshness, nanoseconds > 0 || failures > 0 {
        let keep = exponential(-quiet.seconds / Self.timeConstant.seconds)
        if nanoseconds > 0 {
          expected = exponential(fleet.logarithm + (logarithm - fleet.logarithm) * keep)
        }
        failures *= keep
      }
    }
    return failures > 0 ? expected + failures * fleet.penalty : expected
  }
}

/// What an answer takes in the fleet: the mean of the answering servers' estimates over the last
/// answers, on the scale of logarithms. By answers and not by servers, so that those that few requests
/// go to, because they are slow or stalled, don't become the measure of the others.
struct FleetLatency: Sendable {
  /// Answers that the mean is over.
  private static let memory = 64.0

  private var count = 0.0
  private(set) var logarithm = naturalLogarithm(LatencyEstimate.unknown)
  private(set) var nanoseconds = LatencyEstimate.unknown
  private(set) var penalty = Double(LatencyEstimate.penalty.nanoseconds)

  init() {}

  mutating func answered(by estimate: LatencyEstimate) {
    guard estimate.nanoseconds > 0 else { return }
    count = min(count + 1, Self.memory)
    logarithm += (estimate.logarithm - logarithm) / count
    nanoseconds = exponential(logarithm)
    penalty = max(Double(LatencyEstimate.penalty.nanoseconds), 10 * nanoseconds)
  }
}
