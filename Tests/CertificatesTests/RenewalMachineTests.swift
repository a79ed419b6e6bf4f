import Certificates
import Primitives
import Testing

@Suite struct RenewalMachineTests {
  private let start = Instant.zero

  @Test func `a new pair is read and taken at once`() {
    var machine = RenewalMachine()
    #expect(machine.handle(.looked(hasChanged: false), now: start) == .none)
    #expect(machine.handle(.looked(hasChanged: true), now: start) == .read)
    #expect(machine.handle(.read(isGood: true), now: start) == .take)
    #expect(machine.handle(.looked(hasChanged: false), now: start + .hours(1)) == .none)
  }

  @Test func `a key that comes a moment after its certificate is waited for`() {
    var machine = RenewalMachine()
    #expect(machine.handle(.looked(hasChanged: true), now: start) == .read)
    #expect(machine.handle(.read(isGood: false), now: start) == .none)
    #expect(machine.handle(.looked(hasChanged: false), now: start + .seconds(1)) == .none)
    #expect(machine.handle(.looked(hasChanged: true), now: start + .milliseconds(1500)) == .read)
    #expect(machine.handle(.read(isGood: true), now: start + .milliseconds(1500)) == .take)
    #expect(machine.handle(.looked(hasChanged: false), now: start + .seconds(9)) == .none)
  }

  @Test func `a bad pair is told of once, and again when another bad one comes`() {
    var machine = RenewalMachine()
    _ = machine.handle(.looked(hasChanged: true), now: start)
    _ = machine.handle(.read(isGood: false), now: start)
    var now = start + RenewalMachine.patience
    #expect(machine.handle(.looked(hasChanged: false), now: now) == .refuse)
    #expect(machine.handle(.looked(hasChanged: false), now: now + .hours(1)) == .none)
    now = now + .hours(2)
    #expect(machine.handle(.looked(hasChanged: true), now: now) == .read)
    #expect(machine.handle(.read(isGood: false), now: now) == .none)
    #expect(
      machine.handle(.looked(hasChanged: false), now: now + RenewalMachine.patience) == .refuse)
    #expect(machine.handle(.looked(hasChanged: true), now: now + .hours(1)) == .read)
    #expect(machine.handle(.read(isGood: true), now: now + .hours(1)) == .take)
  }
}
