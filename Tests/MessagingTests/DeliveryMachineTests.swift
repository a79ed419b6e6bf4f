import Primitives
import Testing

@testable import Messaging

@Suite struct DeliveryMachineTests {
  private func time(_ seconds: Int64) -> Instant { .zero + .seconds(seconds) }

  @Test func `pauses double to the longest, each shortened by up to a half`() {
    var machine = DeliveryMachine(seed: 1)
    var full: Int64 = 500
    for _ in 0..<100 {
      let pause = machine.handle(.failed("down", delivered: 0), now: .zero).pause.milliseconds
      #expect((full / 2...full).contains(pause))
      full = min(full * 2, 30_000)
    }
    #expect(machine.isFailing && machine.retries == 100 && machine.lastError == "down")
    #expect(machine.handle(.delivered(3), now: .zero).pause == .zero)
    #expect(!machine.isFailing && machine.delivered == 3 && machine.lastError == nil)
    #expect(machine.handle(.failed("again", delivered: 0), now: .zero).pause <= .milliseconds(500))
  }

  @Test
  func `people are told of the first failure and of the end, and not more than once a minute`() {
    var machine = DeliveryMachine(seed: 1)
    #expect(machine.handle(.failed("a", delivered: 0), now: time(0)).notice == .failing("a"))
    #expect(machine.handle(.failed("a", delivered: 0), now: time(1)).notice == nil)
    #expect(
      machine.handle(.delivered(1), now: time(5)).notice == .recovered(after: .seconds(5)))
    #expect(machine.handle(.failed("b", delivered: 0), now: time(6)).notice == nil)
    #expect(machine.handle(.delivered(1), now: time(7)).notice == nil)
    #expect(machine.handle(.failed("c", delivered: 0), now: time(59)).notice == nil)
    #expect(machine.handle(.failed("d", delivered: 0), now: time(61)).notice == .failing("d"))
    #expect(
      machine.handle(.delivered(1), now: time(70)).notice == .recovered(after: .seconds(11)))
  }

  @Test func `what was dropped is told in sums`() {
    var machine = DeliveryMachine(seed: 1)
    #expect(machine.dropped(total: 7, now: time(0)) == nil)
    #expect(machine.dropped(total: 7, now: time(1)) == nil)
    #expect(machine.dropped(total: 9, now: time(2)) == .dropped(2))
    #expect(machine.dropped(total: 20, now: time(3)) == nil)
    #expect(machine.dropped(total: 30, now: time(63)) == .dropped(21))
  }
}
