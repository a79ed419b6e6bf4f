import Primitives

/// A server that turned healthy gets a tenth of its weight at first and all of it after
/// `duration`, in twenty equal steps: a cold cache or a pool without connections isn't hit by a whole
/// share at once. Nobody is ramped where all would be alike.
///
/// Hashing and first-available take no part: there a smaller weight would move keys back and forth,
/// or mean nothing.
struct SlowStart: Sendable {
  static let steps = 20
  /// When the next weight changes.
  private(set) var nextStep = Instant.distantFuture

  /// Sets the candidates' effective weights.
  /// - Returns: whether one changed.
  mutating func apply(_ duration: TimeSpan, to candidates: inout [Candidate], now: Instant) -> Bool
  {
    nextStep = .distantFuture
    var (lowest, highest) = (Self.steps, 0)
    for candidate in candidates {
      let step = Self.step(candidate.since, duration, now)
      lowest = min(lowest, step)
      highest = max(highest, step)
      guard step < Self.steps, let since = candidate.since else { continue }
      let part = Double(step + 1) / Double(Self.steps)
      // Not at the same instant again, whatever rounding does.
      nextStep = min(nextStep, max(since + duration.scaled(by: part), now + .milliseconds(1)))
    }
    var hasChanged = false
    for place in candidates.indices {
      let step = lowest == highest ? Self.steps : Self.step(candidates[place].since, duration, now)
      let effective = Self.weight(candidates[place].weight, at: step)
      if candidates[place].effective != effective {
        candidates[place].effective = effective
        hasChanged = true
      }
    }
    return hasChanged
  }

  /// 0 … `steps`.
  static func step(_ since: Instant?, _ duration: TimeSpan, _ now: Instant) -> Int {
    guard let since, duration > .zero else { return steps }
    let elapsed = max(0, (now - since).seconds)
    return min(steps, Int(min(Double(steps), elapsed / duration.seconds * Double(steps))))
  }

  /// In hundredths: from 10 % at step 0 to 100 % at the last.
  static func weight(_ weight: Int, at step: Int) -> Int {
    weight * (Candidate.scale / 10) * (2 * steps + 18 * step) / (2 * steps)
  }
}
