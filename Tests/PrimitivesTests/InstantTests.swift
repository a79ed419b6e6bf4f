import Primitives
import Testing

@Suite struct InstantTests {
  @Test func `adding a span saturates at both ends of the clock`() {
    let instant = Instant(nanoseconds: 1_000)
    #expect(instant + .nanoseconds(5) == Instant(nanoseconds: 1_005))
    #expect(instant + .nanoseconds(-5) == Instant(nanoseconds: 995))
    #expect(instant + .nanoseconds(-1_001) == .zero)
    #expect(instant + TimeSpan(nanoseconds: .min) == .zero)
    #expect(Instant.distantFuture + .nanoseconds(1) == .distantFuture)
    #expect(Instant.zero + TimeSpan(nanoseconds: .max) < .distantFuture)
  }

  @Test func `the span between two instants has a sign and saturates`() {
    let (early, late) = (Instant(nanoseconds: 10), Instant(nanoseconds: 25))
    #expect(late - early == .nanoseconds(15))
    #expect(early - late == .nanoseconds(-15))
    #expect(Instant.distantFuture - .zero == TimeSpan(nanoseconds: .max))
    #expect(Instant.zero - .distantFuture == TimeSpan(nanoseconds: -.max))
  }
}
