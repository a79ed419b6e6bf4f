public import Primitives

/// How many requests may still be kept for being slow or failed: when all are, keeping them all would cost
/// most when there is least to spare. A bucket of a second's worth.
public struct TailAllowance: Sendable {
  private let perSecond: Double
  private var left: Double
  private var filled: Instant

  /// - Parameter perSecond: 0 keeps none.
  public init(perSecond: Double, now: Instant) {
    self.perSecond = max(0, perSecond)
    left = self.perSecond > 0 ? max(1, self.perSecond) : 0
    filled = now
  }

  /// - Returns: whether one more is kept.
  public mutating func take(_ now: Instant) -> Bool {
    guard perSecond > 0 else { return false }
    left = min(max(1, perSecond), left + (now - filled).seconds * perSecond)
    filled = max(filled, now)
    guard left >= 1 else { return false }
    left -= 1
    return true
  }
}
