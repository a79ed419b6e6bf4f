import Guarding
import Primitives
import Testing

@Suite struct LeastRateTests {
  private let rate = LeastRate(bytesPerSecond: 100, grace: .seconds(10))
  private static let start = Instant(nanoseconds: 1_000_000_000)

  /// Seconds until a peer that moves `bytes` each `step` is cut; nil when it is not within an hour.
  private func survival(_ bytes: Int, each step: TimeSpan, first: Int = 0) -> Double? {
    var now = Self.start
    var due = now + rate.grace
    due = rate.extended(due, by: first, now: now)
    while now - Self.start < .hours(1) {
      now = now + step
      if now > due { return (due - Self.start).seconds }
      due = rate.extended(due, by: bytes, now: now)
    }
    return nil
  }

  @Test func `who does nothing has its grace`() {
    #expect(survival(0, each: .seconds(1)) == 10)
  }

  @Test func `a byte now and then buys nothing worth having`() throws {
    #expect(try #require(survival(1, each: .seconds(1))) < 11)
    #expect(try #require(survival(1, each: .seconds(5))) < 11)
  }

  @Test func `a slow link that keeps the rate lives`() {
    #expect(survival(1_000, each: .seconds(1)) == nil)
    #expect(survival(1_000, each: .seconds(9)) == nil)
    #expect(survival(100, each: .seconds(1)) == nil)
  }

  @Test func `a fast beginning is no credit for a slow end`() throws {
    #expect(try #require(survival(1, each: .seconds(1), first: 100_000_000)) < 11)
  }

  @Test func `without a rate nobody is cut`() {
    let none = LeastRate(bytesPerSecond: 0, grace: .seconds(10))
    #expect(none.extended(Self.start, by: 0, now: Self.start) == .distantFuture)
  }

  @Test func `no number of bytes overflows`() {
    let least = LeastRate(bytesPerSecond: 1, grace: .hours(8760))
    #expect(least.extended(Self.start, by: .max, now: Self.start) > Self.start)
  }
}
