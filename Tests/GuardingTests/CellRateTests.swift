import Guarding
import Primitives
import Testing

@Suite struct CellRateTests {
  private static let second: UInt64 = 1_000_000_000

  /// How many of `count` requests at these moments are admitted.
  private func admitted(_ rate: CellRate, at moments: [UInt64]) -> Int {
    var fullAt: UInt64 = 0
    return moments.count { now in
      guard case .admitted(let next) = rate.decide(fullAt: fullAt, now: now) else { return false }
      fullAt = next
      return true
    }
  }

  @Test func `a burst comes at once, and not one more`() {
    let rate = CellRate(count: 100, per: .seconds(1), burst: 200)
    #expect(admitted(rate, at: Array(repeating: Self.second, count: 1_000)) == 200)
  }

  @Test func `after the burst the rate holds`() {
    let rate = CellRate(count: 10, per: .seconds(1), burst: 5)
    // A request each millisecond, for ten seconds.
    let moments = (0..<10_000).map { Self.second + UInt64($0) * 1_000_000 }
    #expect(admitted(rate, at: moments) == 5 + 99)
  }

  @Test func `what is refused costs nothing, and the wait that it says is the true one`() {
    let rate = CellRate(count: 1, per: .seconds(1), burst: 2)
    var fullAt: UInt64 = 0
    for _ in 0..<2 {
      guard case .admitted(let next) = rate.decide(fullAt: fullAt, now: 5 * Self.second) else {
        return #expect(Bool(false))
      }
      fullAt = next
    }
    #expect(rate.decide(fullAt: fullAt, now: 5 * Self.second) == .refused(retryAfter: .seconds(1)))
    let late = 5 * Self.second + Self.second / 4
    #expect(rate.decide(fullAt: fullAt, now: late) == .refused(retryAfter: .milliseconds(750)))
    #expect(rate.decide(fullAt: fullAt, now: late + 749_999_999) != .admitted(fullAt: 0))
    guard case .admitted = rate.decide(fullAt: fullAt, now: late + 750_000_000) else {
      return #expect(Bool(false), "the wait was too short")
    }
  }

  @Test func `a clock of another core that is a little behind admits no more`() {
    let rate = CellRate(count: 1_000, per: .seconds(1), burst: 10)
    var random = SeededRandom(seed: 3)
    let moments = (0..<500).map { _ in Self.second + random.next() % 1_000_000 }
    #expect(admitted(rate, at: moments) == 10)
  }

  @Test func `a rate that does not divide is never exceeded`() {
    for count in [3, 7, 70_000, 999_983] {
      let rate = CellRate(count: count, per: .seconds(1), burst: 1)
      #expect(rate.interval * UInt64(count) >= Self.second)
    }
  }

  @Test func `a bucket is full again within a day`() {
    let rate = CellRate(count: 1, per: .hours(1), burst: 1_000_000)
    #expect(rate.burst == 24)
    #expect(CellRate(count: 0, per: .zero, burst: 0).burst == 1)
  }

  @Test func `in any window no more than the burst and the rate's share of it`() {
    var random = SeededRandom(seed: 11)
    for _ in 0..<50 {
      let count = Int(random.next() % 500) + 1
      let burst = Int(random.next() % 50) + 1
      let rate = CellRate(count: count, per: .seconds(1), burst: burst)
      var (now, fullAt) = (Self.second, UInt64(0))
      var times: [UInt64] = []
      for _ in 0..<2_000 {
        now += random.next() % 4_000_000
        if case .admitted(let next) = rate.decide(fullAt: fullAt, now: now) {
          fullAt = next
          times.append(now)
        }
      }
      for (first, start) in times.enumerated() where first % 7 == 0 {
        for (last, end) in times.enumerated().dropFirst(first) where last % 5 == 0 {
          let most = UInt64(burst) + (end - start) / rate.interval
          #expect(UInt64(last - first + 1) <= most)
        }
      }
    }
  }
}
