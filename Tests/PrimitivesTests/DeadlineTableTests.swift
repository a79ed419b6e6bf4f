import Primitives
import Testing

@Suite struct DeadlineTableTests {
  private func sweep(_ table: inout DeadlineTable, _ nanoseconds: UInt64) -> [Int] {
    var expired: [Int] = []
    table.sweep(now: Instant(nanoseconds: nanoseconds), into: &expired)
    return expired
  }

  @Test func `an empty table is never due`() {
    var table = DeadlineTable()
    table.clear(5)
    #expect(table.nextDue == nil && sweep(&table, .max).isEmpty)
    table.set(3, .distantFuture)
    #expect(table.nextDue == nil && sweep(&table, .max - 1).isEmpty)
  }

  @Test func `a deadline expires once, when it has passed`() {
    var table = DeadlineTable()
    table.set(2, Instant(nanoseconds: 100))
    table.set(0, Instant(nanoseconds: 300_000_000))
    #expect(table.nextDue == Instant(nanoseconds: 100))
    #expect(sweep(&table, 99).isEmpty)
    #expect(sweep(&table, 100) == [2])
    #expect(table.nextDue == Instant(nanoseconds: 300_000_000))
    #expect(sweep(&table, 300_000_000) == [0])
    #expect(table.nextDue == nil)
  }

  @Test func `setting again moves a deadline, clearing takes it away`() {
    var table = DeadlineTable()
    table.set(1, Instant(nanoseconds: 10))
    table.set(1, Instant(nanoseconds: 500))
    table.set(2, Instant(nanoseconds: 20))
    table.clear(2)
    #expect(sweep(&table, 30).isEmpty)
    // The sweep has found out that only one is left.
    let next = Instant(nanoseconds: 30) + DeadlineTable.beat
    #expect(table.nextDue == next)
    #expect(sweep(&table, next.nanoseconds) == [1])
  }

  @Test func `two sweeps are a beat apart`() {
    var table = DeadlineTable()
    table.set(0, Instant(nanoseconds: 10))
    #expect(sweep(&table, 10) == [0])
    table.set(0, Instant(nanoseconds: 11))
    let next = Instant(nanoseconds: 10) + DeadlineTable.beat
    #expect(table.nextDue == next)
    #expect(sweep(&table, next.nanoseconds - 1).isEmpty)
    #expect(sweep(&table, next.nanoseconds) == [0])
  }

  @Test func `none expires early and none more than a beat late`() {
    var random = SeededRandom(seed: 11)
    var table = DeadlineTable()
    var model: [Int: UInt64] = [:]
    var now: UInt64 = 0
    let beat = UInt64(DeadlineTable.beat.nanoseconds)
    for _ in 0..<5_000 {
      let index = random.below(40)
      switch random.below(4) {
      case 0, 1:
        let deadline = now + UInt64(random.below(200_000_000))
        table.set(index, Instant(nanoseconds: deadline))
        model[index] = deadline
      case 2:
        table.clear(index)
        model[index] = nil
      default: now += UInt64(random.below(5_000_000))
      }
      // As a driver does: sweep when due.
      if let due = table.nextDue, due.nanoseconds <= now {
        for index in sweep(&table, now) {
          let deadline = model.removeValue(forKey: index)
          #expect(deadline.map { $0 <= now } == true)
        }
      }
      #expect(model.values.allSatisfy { $0 + beat + 5_000_000 > now })
    }
  }
}
