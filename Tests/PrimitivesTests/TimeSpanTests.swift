import Primitives
import Testing

@Suite struct TimeSpanTests {
  @Test func `arithmetic saturates at both ends`() {
    let (longest, shortest) = (TimeSpan(nanoseconds: .max), TimeSpan(nanoseconds: .min))
    #expect(longest + .nanoseconds(1) == longest)
    #expect(shortest + .nanoseconds(-1) == shortest)
    #expect(shortest - .nanoseconds(1) == shortest)
    #expect(longest - .nanoseconds(-1) == longest)
    #expect(longest - longest == .zero)
    #expect(.zero - shortest == longest)
  }

  @Test func `a unit that overflows gives the longest span`() {
    #expect(TimeSpan.hours(.max) == TimeSpan(nanoseconds: .max))
    #expect(TimeSpan.hours(.min) == TimeSpan(nanoseconds: .min))
    #expect(TimeSpan.minutes(2) == .seconds(120))
    #expect(TimeSpan.seconds(1) == .milliseconds(1_000))
    #expect(TimeSpan.milliseconds(1) == .microseconds(1_000))
    #expect(TimeSpan.microseconds(1) == .nanoseconds(1_000))
  }

  @Test(arguments: [
    (0.5, Int64(1_000)), (0, 0), (-1, -2_000), (.infinity, .max), (-.infinity, .min), (.nan, 0),
    (1e300, .max), (-1e300, .min), (0.0001, 0),
  ])
  func `a factor scales and saturates`(factor: Double, expected: Int64) {
    #expect(TimeSpan.nanoseconds(2_000).scaled(by: factor) == .nanoseconds(expected))
  }

  @Test func `the longest span scaled by one stays within the range`() {
    #expect(TimeSpan(nanoseconds: .max).scaled(by: 1) == TimeSpan(nanoseconds: .max))
    #expect(TimeSpan(nanoseconds: .min).scaled(by: 1) == TimeSpan(nanoseconds: .min))
    #expect(TimeSpan(nanoseconds: .min).scaled(by: -1) == TimeSpan(nanoseconds: .max))
  }

  @Test(arguments: [
    (Int64(0), "0s"), (3_600_000_000_000, "1h"), (5_400_000_000_000, "90m"),
    (300_000_000_000, "5m"), (90_000_000_000, "90s"), (2_000_000_000, "2s"),
    (1_500_000_000, "1.5s"), (1_234_567_890, "1.23s"), (1_999_999_999, "2s"),
    (250_000_000, "250ms"), (1_500_000, "1.5ms"), (999_999_999, "1000ms"), (500_000, "500us"),
    (-2_000_000_000, "-2s"), (-1_500_000_000, "-1.5s"), (-250_000_000, "-250ms"),
  ])
  func `a span is written in its shortest form`(nanoseconds: Int64, expected: String) {
    #expect(TimeSpan(nanoseconds: nanoseconds).description == expected)
  }

  @Test func `whole milliseconds are rounded toward zero`() {
    #expect(TimeSpan.microseconds(1_999).milliseconds == 1)
    #expect(TimeSpan.microseconds(-1_999).milliseconds == -1)
    #expect(TimeSpan.milliseconds(1_500).seconds == 1.5)
  }
}
