import Primitives

/// How many of a server's answers were good over the last while, in a ring of ten parts of that
/// while; so what is counted is between nine and ten parts old at most.
struct OutcomeWindow: Sendable {
  private static let parts = 10
  private var good = InlineArray<10, UInt32>(repeating: 0)
  private var bad = InlineArray<10, UInt32>(repeating: 0)
  private(set) var goodSum: UInt64 = 0
  private(set) var badSum: UInt64 = 0
  /// The latest part, counted from the clock's start, and how many nanoseconds one is.
  private var part: UInt64 = 0
  private var span: UInt64 = 0

  mutating func count(isGood: Bool, over window: TimeSpan, now: Instant) {
    advance(to: now, over: window)
    let slot = Int(part % UInt64(Self.parts))
    // A part that is full, after four thousand million answers, counts no more.
    if isGood {
      guard good[slot] < .max else { return }
      good[slot] &+= 1
      goodSum &+= 1
    } else {
      guard bad[slot] < .max else { return }
      bad[slot] &+= 1
      badSum &+= 1
    }
  }

  private mutating func advance(to now: Instant, over window: TimeSpan) {
    let span = UInt64(max(window.nanoseconds / Int64(Self.parts), 1))
    let current = now.nanoseconds / span
    // Another window, all of it has passed, or the clock went back.
    guard span == self.span, current &- part < UInt64(Self.parts) else {
      self = OutcomeWindow()
      (self.part, self.span) = (current, span)
      return
    }
    while part != current {
      part &+= 1
      let slot = Int(part % UInt64(Self.parts))
      goodSum &-= UInt64(good[slot])
      badSum &-= UInt64(bad[slot])
      (good[slot], bad[slot]) = (0, 0)
    }
  }
}
