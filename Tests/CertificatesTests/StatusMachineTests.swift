import Certificates
import Primitives
import Testing

@Suite struct StatusMachineTests {
  private let start = WallTime(milliseconds: 1_800_000_000_000)

  private func after(_ span: TimeSpan) -> WallTime {
    WallTime(milliseconds: start.milliseconds + span.milliseconds)
  }

  @Test func `it is asked for at once, and again at half of an answer's life`() {
    var machine = StatusMachine()
    #expect(machine.handle(.looked, now: start) == .ask)
    #expect(machine.handle(.looked, now: after(.hours(1))) == .none, "one question at a time")
    #expect(machine.handle(.answered(nextUpdate: after(.hours(8))), now: start) == .show)
    #expect(machine.handle(.looked, now: after(.minutes(239))) == .none)
    #expect(machine.handle(.looked, now: after(.hours(4))) == .ask)
  }

  @Test func `an answer is shown while it holds, and no longer`() {
    var machine = StatusMachine()
    _ = machine.handle(.looked, now: start)
    _ = machine.handle(.answered(nextUpdate: after(.hours(2))), now: start)
    #expect(machine.handle(.looked, now: after(.hours(1))) == .ask)
    #expect(machine.handle(.failed, now: after(.hours(1))) == .none)
    #expect(machine.handle(.looked, now: after(.hours(2))) == .hide)
    #expect(machine.handle(.looked, now: after(.hours(2))) == .ask)
    #expect(machine.handle(.answered(nextUpdate: nil), now: after(.hours(2))) == .show)
    #expect(machine.handle(.looked, now: after(.minutes(181))) == .hide)
  }

  @Test func `a silent responder is asked more and more seldom, once an hour at last`() {
    var machine = StatusMachine()
    var now = start
    var pauses: [Int64] = []
    for _ in 0..<20 {
      let asked = now
      while machine.handle(.looked, now: now) != .ask {
        now = WallTime(milliseconds: now.milliseconds + 1_000)
      }
      pauses.append((now - asked).milliseconds / 60_000)
      #expect(machine.handle(.failed, now: now) == .none)
    }
    #expect(pauses.prefix(9) == [0, 1, 2, 4, 8, 16, 32, 60, 60] && pauses.last == 60)
    #expect(machine.failures == 16)
  }

  @Test func `an answer that has just begun to end is no reason to ask without a pause`() {
    var machine = StatusMachine()
    _ = machine.handle(.looked, now: start)
    _ = machine.handle(.answered(nextUpdate: after(.seconds(10))), now: start)
    #expect(machine.handle(.looked, now: after(.seconds(9))) == .none)
    #expect(machine.handle(.looked, now: after(.seconds(10))) == .hide)
    #expect(machine.handle(.looked, now: after(.seconds(59))) == .none)
    #expect(machine.handle(.looked, now: after(.seconds(60))) == .ask)
    _ = machine.handle(.answered(nextUpdate: after(.hours(1_000))), now: after(.seconds(60)))
    #expect(machine.handle(.looked, now: after(.hours(23))) == .none)
    #expect(machine.handle(.looked, now: after(.hours(25))) == .ask)
  }
}
