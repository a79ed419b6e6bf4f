import Audit
import Primitives
import Testing

@testable import Engine

struct AuditBacklogTests {
  private func record(_ number: Int) -> AuditRecord {
    AuditRecord(
      at: WallTime(milliseconds: Int64(number)), source: .api, actor: "ann", from: "x",
      action: "a\(number)")
  }

  @Test func `entries that the disk did not take wait in order, with what they finish`() {
    var backlog = AuditBacklog()
    #expect(backlog.isEmpty)
    backlog.add([record(1)], keep: 9, finished: [7])
    backlog.add([record(2), record(3)], keep: 9, finished: [])
    #expect(backlog.content().records.map(\.action) == ["a1", "a2", "a3"])
    #expect(backlog.content().finished == [7])
    #expect(!backlog.isEmpty)
  }

  @Test func `beyond its bound the oldest go, and an entry says how many`() {
    var backlog = AuditBacklog()
    for number in 0..<(AuditBacklog.limit + 30) {
      backlog.add([record(number)], keep: 9, finished: [1])
    }
    let (records, finished) = backlog.content()
    #expect(records.count == AuditBacklog.limit + 1)
    #expect(records.first?.action == "audit.lost")
    #expect(records.first?.detail?.hasPrefix("30 entries") == true)
    #expect(records[1].action == "a30")
    #expect(finished.count == AuditBacklog.limit)
  }
}
