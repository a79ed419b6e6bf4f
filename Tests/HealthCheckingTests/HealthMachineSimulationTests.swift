import HealthChecking
import Primitives
import Testing

/// Events in an order of chance, also those that a careful caller would not send.
@Suite struct HealthMachineSimulationTests {
  private static func event(_ random: inout SeededRandom) -> HealthMachine.Event {
    switch random.below(20) {
    case 0...5: return .checkBegan
    case 6...9: return .checkEnded(.passed(detail: "200"))
    case 10...13: return .checkEnded(.failed(detail: "refused"))
    case 14: return .trafficFailed
    case 15: return .disabled
    case 16: return .enabled
    case 17: return .adopted(HealthState.allCases[random.below(3)])
    case 18: return .restarted(grace: .milliseconds(Int64(random.below(5_000))))
    default:
      let extremes: [TimeSpan] = [
        .zero, .milliseconds(1), .seconds(1), .hours(99), TimeSpan(nanoseconds: .max),
        TimeSpan(nanoseconds: .min),
      ]
      return .policyChanged(
        HealthPolicy(
          interval: extremes[random.below(6)], timeout: extremes[random.below(6)],
          rise: random.below(5) - 1, fall: random.below(5) - 1))
    }
  }

  @Test(arguments: [UInt64(1), 2, 3, 4, 5])
  func `a change is always one of state, and a check is never lost`(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    var now = Instant(nanoseconds: 1_000_000_000)
    var machine = HealthMachine(policy: HealthPolicy(), now: now)
    var enabled = true
    for step in 0..<20_000 {
      let event = Self.event(&random)
      let before = machine.state
      let change = machine.handle(event, now: now, random: &random)
      if event == .disabled { enabled = false }
      if event == .enabled { enabled = true }
      if let change {
        #expect(change.from == before && change.to == machine.state && change.from != change.to)
        #expect(change.firstSign <= now && !change.cause.isEmpty)
      } else if case .adopted(let state) = event {
        #expect(machine.state == state)
      } else {
        #expect(machine.state == before, "seed \(seed), step \(step)")
      }
      // Enabled, there is always either a check to begin or one to end; disabled, nothing to begin.
      if enabled {
        #expect((machine.nextCheck == nil) == (machine.checkDeadline != nil))
      } else {
        #expect(machine.nextCheck == nil)
      }
      now = now + .milliseconds(Int64(random.below(700)))
    }
  }
}
