public import Primitives

/// How long a request waits before it is tried again. The first retry goes elsewhere at once, for
/// one server's fault says nothing of the next. From the second on it is likely that all suffer, and
/// the wait is random over the whole of a doubling span, so that requests that failed together don't
/// come back together ("full jitter": Brooker, "Exponential Backoff and Jitter", AWS 2015).
public enum Backoff {
  public static let base = TimeSpan.milliseconds(25)
  public static let longest = TimeSpan.seconds(1)

  /// - Parameter retry: 1 for the first.
  /// - Returns: zero for the first, then a random part of min(`longest`, `base`·2^(retry − 1)).
  public static func wait(beforeRetry retry: Int, random: inout SeededRandom) -> TimeSpan {
    guard retry > 1 else { return .zero }
    // 25 ms · 2^6 is longer than the longest already.
    let span = min(base.scaled(by: Double(1 << min(retry - 1, 6))), longest)
    return span.scaled(by: random.fraction())
  }
}
