import Primitives
import Testing
import Tracing

@Suite struct TraceRulesTests {
  @Test func `what was sampled is kept, and so is what was slow or failed`() {
    let rules = TraceRules()
    let (quick, slow) = (TimeSpan.milliseconds(999), TimeSpan.seconds(1))
    #expect(rules.reason(isSampled: true, took: quick, isFailed: false) == .sampled)
    #expect(rules.reason(isSampled: false, took: quick, isFailed: false) == nil)
    #expect(rules.reason(isSampled: false, took: slow, isFailed: false) == .slow)
    #expect(rules.reason(isSampled: false, took: quick, isFailed: true) == .failed)
    #expect(rules.reason(isSampled: false, took: slow, isFailed: true) == .failed)
  }

  @Test func `both can be switched off`() {
    let rules = TraceRules(slow: nil, keepsFailed: false)
    #expect(rules.reason(isSampled: false, took: .hours(1), isFailed: true) == nil)
    #expect(rules.reason(isSampled: true, took: .zero, isFailed: true) == .sampled)
  }

  @Test func `only so many a second are kept for what became of them`() {
    var now = Instant(nanoseconds: 5)
    var allowance = TailAllowance(perSecond: 10, now: now)
    #expect((0..<100).count { _ in allowance.take(now) } == 10)
    now = now + .milliseconds(500)
    #expect((0..<100).count { _ in allowance.take(now) } == 5)
    now = now + .hours(1)
    #expect((0..<100).count { _ in allowance.take(now) } == 10)
  }

  @Test func `less than one a second is one now and then, and none is none`() {
    var now = Instant(nanoseconds: 5)
    var seldom = TailAllowance(perSecond: 0.5, now: now)
    #expect((0..<9).count { _ in seldom.take(now) } == 1)
    now = now + .seconds(2)
    #expect((0..<9).count { _ in seldom.take(now) } == 1)
    var never = TailAllowance(perSecond: 0, now: now)
    now = now + .hours(1)
    #expect((0..<9).count { _ in never.take(now) } == 0)
  }
}
