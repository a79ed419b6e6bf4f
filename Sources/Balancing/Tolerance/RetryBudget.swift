public import Primitives

/// How many retries a service may have: a share of its requests over the last ten seconds, plus a
/// baseline for quiet services. Stops a fault from multiplying the load (Google SRE book, ch. 22).
public struct RetryBudget: Sendable {
  public static let windowSeconds = 10
  /// Retries a second that are always allowed.
  public static let baseline = 3

  private var requests = InlineArray<10, Int>(repeating: 0)
  private var retries = InlineArray<10, Int>(repeating: 0)
  private var second: UInt64 = 0
  private var requestSum = 0
  private var retrySum = 0
  private let share: Double
  /// How often there was none, ever.
  public private(set) var refusals: UInt64 = 0

  public init(share: Double) { self.share = share }

  public mutating func countRequest(_ now: Instant) {
    advance(to: now)
    requests[Int(second % 10)] &+= 1
    requestSum &+= 1
  }

  /// Takes one retry out of the budget.
  /// - Returns: whether there was one.
  public mutating func takeRetry(_ now: Instant) -> Bool {
    advance(to: now)
    let allowed = Double(requestSum) * share + Double(Self.baseline * Self.windowSeconds)
    guard Double(retrySum) < allowed else {
      refusals &+= 1
      return false
    }
    retries[Int(second % 10)] &+= 1
    retrySum &+= 1
    return true
  }

  private mutating func advance(to now: Instant) {
    let current = now.nanoseconds / 1_000_000_000
    if current == second { return }
    let steps = current > second ? min(current - second, 10) : 0
    for step in 0..<steps {
      let slot = Int((second &+ step &+ 1) % 10)
      requestSum &-= requests[slot]
      retrySum &-= retries[slot]
      (requests[slot], retries[slot]) = (0, 0)
    }
    if steps == 10 { (requestSum, retrySum) = (0, 0) }
    if current > second { second = current }
  }
}
