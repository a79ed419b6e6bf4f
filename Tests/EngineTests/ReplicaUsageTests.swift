import Configuration
import Primitives
import Supervision
import Testing

@testable import Engine

struct ReplicaUsageTests {
  private func used(_ cpuSeconds: Double, _ residentBytes: Int64) -> ProcessTable.Usage {
    var usage = ProcessTable.Usage()
    (usage.cpuSeconds, usage.residentBytes) = (cpuSeconds, residentBytes)
    return usage
  }

  @Test func `a share is of the limit, or else of the machine`() throws {
    var meter = ReplicaUsage()
    let start = Instant.zero + .hours(1)
    let limits: [Int32: ResourceSettings] = [
      1: ResourceSettings(cpu: 0.5, memory: 1_000), 3: ResourceSettings(cpu: 100, memory: 1 << 60),
    ]
    func look(_ cpu: Double, _ now: Instant) -> [Int32: ReplicaUsage.Shares] {
      meter.shares(
        [1: used(cpu, 250), 2: used(cpu, 250), 3: used(cpu, 250)], limits: limits, now: now,
        cores: 4, memoryBytes: 10_000)
    }
    #expect(look(10, start).isEmpty)
    #expect(look(11, start).isEmpty)
    let shares = look(12, start + .seconds(2))
    #expect(shares[1] == .init(cpu: 1, memory: 0.25))
    #expect(shares[2] == .init(cpu: 0.125, memory: 0.025))
    #expect(shares[3] == shares[2])
    // A worker of it ended and took what it had used with it.
    #expect(look(3, start + .seconds(3))[1]?.cpu == 0)
  }

  @Test func `who is gone is forgotten, and a new process under its number begins anew`() {
    var meter = ReplicaUsage()
    let start = Instant.zero
    _ = meter.shares([7: used(100, 1)], limits: [:], now: start)
    #expect(meter.shares([:], limits: [:], now: start + .seconds(1)).isEmpty)
    #expect(meter.shares([7: used(1, 1)], limits: [:], now: start + .seconds(2)).isEmpty)
  }
}
