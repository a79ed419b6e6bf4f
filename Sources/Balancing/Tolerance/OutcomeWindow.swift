import Primitives

/// How many of a server's answers were good over the last while, in a ring of ten parts of that
/// while; so what is counted is between nine and ten parts old at most.
struct OutcomeWindow: Sendable {
  private static let parts = 10
  private var good = InlineArray<10, UInt32>(repeating: 0)
  private var bad = InlineArray<10, UInt32>(repeating: 0)
  private(set) var goodSum: UInt64 = 0
  private(set) var badSum: UInt64 = 0
  private var window = TimeSpan.zero
  /// The latest part, counted from the clock's start; when it began, how long it is, in nanoseconds,
  /// and where it stands in the ring.
  private var part: UInt64 = 0
  private var began: UInt64 = 0
  private var span: UInt64 = 0
  private var slot = 0

  mutating func count(isGood: Bool, over window: TimeSpan, now: Instant) {
    // Nearly always still the same part, and nothing to divide.
    if window != self.window || now.nanoseconds &- began >= span { advance(to: now, over: window) }
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
    defer {
      (self.window, self.span) = (window, span)
      (part, began) = (current, current &* span)
      slot = Int(current % UInt64(Self.parts))
    }
    // Another window, all of it has passed, or the clock went back.
    guard window == self.window, current &- part < UInt64(Self.parts) else {
      self = OutcomeWindow()
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
