import Configuration
import Primitives

/// Which requests have a line: all that failed or took long, and a share of the others.
struct AccessLogSampling: Sendable {
  /// 0 … 1, as the configuration has it.
  let share: Double
  /// Of 2^64 draws those below it have a line; nil where all have.
  private let threshold: UInt64?
  private let slow: TimeSpan

  init(_ settings: LogSampling) {
    share = settings.share
    let draws = settings.share * 0x1p64
    threshold = draws >= 0x1p64 ? nil : UInt64(max(0, draws))
    slow = settings.slow ?? TimeSpan(nanoseconds: .max)
  }

  /// Whether a request always has its line.
  /// - Parameters:
  ///   - reason: of an answer of Ballast's own.
  ///   - latency: what a tunnel's life is not.
  func isNotable(status: Int, reason: StaticString?, latency: TimeSpan) -> Bool {
    status == 0 || status >= 500 || reason != nil || latency >= slow
  }

  func isDrawn(_ random: inout SeededRandom) -> Bool {
    guard let threshold else { return true }
    return random.next() < threshold
  }
}
