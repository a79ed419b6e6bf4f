import Primitives
import Testing

@testable import Keeper

@Suite struct EngineSlotTests {
  @Test func `restarts wait not at all, then longer up to five seconds`() {
    var slot = EngineSlot()
    let waits = (0..<10).map { _ in slot.waitAfterEnd(now: .zero).milliseconds }
    #expect(waits == [0, 100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000, 5_000])
  }

  @Test func `an engine that was up for ten seconds begins the row anew`() {
    var slot = EngineSlot()
    for _ in 0..<5 { _ = slot.waitAfterEnd(now: .zero) }
    #expect(slot.waitAfterEnd(now: .zero + .seconds(9)) > .zero)
    #expect(slot.waitAfterEnd(now: .zero + .seconds(10)) == .zero)
    #expect(slot.waitAfterEnd(now: .zero + .milliseconds(1)).milliseconds == 100)
  }

  @Test func `more deaths than anyone counts do no harm`() {
    var slot = EngineSlot()
    for _ in 0..<10_000 { _ = slot.waitAfterEnd(now: .zero) }
    #expect(slot.waitAfterEnd(now: .zero) == EngineSlot.longestWait)
  }
}
