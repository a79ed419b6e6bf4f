import Audit
import Primitives
import Testing

@testable import Store

@Suite struct AuditTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func record(_ number: Int64, actor: String = "ann") -> AuditRecord {
    AuditRecord(
      at: WallTime(milliseconds: 1_790_000_000_000 + number), source: .command, actor: actor,
      role: "admin", from: "unix:uid 0", action: "service.scale", subject: "shop",
      before: "{\"replicas\":\(number)}", after: "{\"replicas\":\(number + 1)}")
  }

  private func filled(_ count: Int64 = 30, keep: Int = 1_000) async throws -> Store {
    let store = folder.open().store
    for number in 1...count { try await store.append([record(number)], keep: keep) }
    return store
  }

  private func execute(_ sql: String) throws {
    let database = try Database(path: folder.database)
    try database.execute(sql)
    database.checkpointOnClose()
  }

  private func findings(heads: [AuditHead] = []) throws -> [String] {
    try RestingAudit(folder: folder.state).verify(heads: heads).findings.map {
      "\($0.kind.rawValue) \($0.number)" + ($0.through.map { "-\($0)" } ?? "")
    }
  }

  @Test func `entries are there after a reopening, newest first, and the chain is sound`()
    async throws
  {
    let store = try await filled(3)
    await store.close()
    let again = folder.open().store
    let entries = try await again.audit()
    #expect(entries.map(\.number) == [3, 2, 1])
    #expect(entries.map(\.record) == [record(3), record(2), record(1)])
    let head = try await again.append([record(4), record(5)], keep: 1_000)
    #expect(head.number == 5)
    let verdict = try await again.verifyAudit()
    #expect(verdict.sound && verdict.entries == 5 && verdict.hash == head.hash)
    #expect(try await again.audit(number: 5)?.hash == head.hash)
    #expect(try await again.audit(number: 6) == nil)
  }

  @Test func `a filter finds by actor, action, subject, source, result and time`() async throws {
    let store = folder.open().store
    var machine = record(2, actor: "ballast")
    (machine.source, machine.action, machine.result) = (.machine, "config.reload", .failed)
    var server = record(3)
    server.subject = "shop/s1"
    var other = record(4)
    other.subject = "shopping"
    try await store.append([record(1), machine, server, other], keep: 100)
    func numbers(_ change: (inout AuditFilter) -> Void) async throws -> [Int64] {
      var filter = AuditFilter()
      change(&filter)
      return try await store.audit(filter).map(\.number)
    }
    #expect(try await numbers { $0.actor = "ballast" } == [2])
    #expect(try await numbers { $0.action = "config.reload" } == [2])
    #expect(try await numbers { $0.action = "config." } == [2])
    #expect(try await numbers { $0.action = "config" } == [])
    #expect(try await numbers { $0.subject = "shop" } == [3, 2, 1])
    #expect(try await numbers { $0.source = .command } == [4, 3, 1])
    #expect(try await numbers { $0.result = .failed } == [2])
    #expect(try await numbers { $0.before = 3 } == [2, 1])
    #expect(
      try await numbers { $0.since = WallTime(milliseconds: 1_790_000_000_003) } == [4, 3])
    #expect(try await store.audit(limit: 1).map(\.number) == [4])
  }

  @Test(arguments: [
    ("UPDATE audit SET actor = 'bnn' WHERE number = 7", "altered 7"),
    ("UPDATE audit SET at = at + 1 WHERE number = 7", "altered 7"),
    ("UPDATE audit SET detail = '' WHERE number = 7", "altered 7"),
    ("UPDATE audit SET hash = replace(hash, 'a', 'b') WHERE number = 7", "altered 7"),
    ("UPDATE audit SET before_value = before_value || char(0) WHERE number = 7", "altered 7"),
    ("DELETE FROM audit WHERE number = 7", "missing 7"),
    ("DELETE FROM audit WHERE number = 1", "missing 1"),
    ("DELETE FROM audit WHERE number > 20", "missing 21-30"),
    ("DELETE FROM audit", "missing 1-30"),
    ("DELETE FROM audit_ends", "ends 30"),
    (
      """
      UPDATE audit SET number = -1 WHERE number = 7; UPDATE audit SET number = 7 WHERE number = 19;
      UPDATE audit SET number = 19 WHERE number = -1
      """, "misplaced 7, misplaced 19"
    ),
  ])
  func `whatever is done to the table, the entry is named`(sql: String, expected: String)
    async throws
  {
    await (try await filled()).close()
    #expect(try findings() == [])
    try execute(sql)
    #expect(try findings().joined(separator: ", ") == expected)
  }

  @Test func `text that is no UTF-8 is compared byte by byte`() async throws {
    let store = folder.open().store
    try await store.append([record(1, actor: "a\u{FFFD}b")], keep: 100)
    await store.close()
    // Read as text, both would be the same.
    try execute("UPDATE audit SET actor = CAST(x'61FF62' AS TEXT)")
    #expect(try findings() == ["altered 1"])
  }

  @Test func `a cut end with an end to match is found by a head from elsewhere`() async throws {
    let store = try await filled(20)
    let kept = try await store.auditHead().head
    let entry = try #require(try await store.audit(number: 12))
    await store.close()
    try execute(
      """
      DELETE FROM audit WHERE number > 12;
      UPDATE audit_ends SET number = 12, hash = '\(entry.hash)'
      """)
    #expect(try findings() == [])
    #expect(try findings(heads: [kept]) == ["missing 13-20"])
  }

  @Test func `the oldest go, the chain stays sound, and heads of before still hold`() async throws {
    let store = try await filled(40, keep: 10)
    let ends = try await store.auditHead()
    #expect(ends.removed > 20)
    let entries = try await store.audit()
    #expect(entries.count <= 12)
    #expect(entries.contains { $0.record.action == AuditRemoval.action })
    let verdict = try await store.verifyAudit(heads: [ends.head])
    #expect(verdict.sound && verdict.headsCompared == 1)
    await store.close()
    // Somebody else takes the oldest, and moves the beginning.
    let first = try #require(entries.last)
    try execute(
      """
      DELETE FROM audit WHERE number = \(first.number);
      UPDATE audit_ends SET removed = \(first.number), removed_hash = '\(first.hash)'
      """)
    #expect(try findings() == ["ends \(first.number)"])
  }

  @Test func `a head file takes lines, and what is none is told with its place`() async throws {
    let store = try await filled(3)
    let head = try await store.auditHead().head
    let file = AuditHeadFile(path: "\(folder.path)/heads")
    try file.append(head, at: WallTime(milliseconds: 0))
    try file.append(AuditHead(number: 4, hash: head.hash), at: WallTime(milliseconds: 0))
    #expect(try file.read() == [head, AuditHead(number: 4, hash: head.hash)])
    #expect(throws: StoreError.self) {
      _ = try AuditHeadFile(path: folder.database).read()
    }
    #expect(throws: StoreError.self) {
      try AuditHeadFile(path: folder.path).append(head, at: WallTime(milliseconds: 0))
    }
  }

  @Test func `what an engine began and said no more of becomes an entry`() async throws {
    let store = folder.open().store
    try await store.beginAudit(1, record(1))
    try await store.beginAudit(2, record(2))
    try await store.append([record(1)], keep: 100, finished: [1])
    await store.close()
    let again = folder.open().store
    try await again.recallBegunAudit(keep: 100)
    try await again.recallBegunAudit(keep: 100)
    let entries = try await again.audit()
    #expect(entries.map(\.record.result) == [.unknown, .done])
    #expect(entries.first?.record.before == record(2).before)
    #expect(entries.first?.record.after == nil)
    #expect(try await again.verifyAudit().sound)
  }

  @Test func `a state without a log is not to be read, nor one that is not there`() async throws {
    #expect(throws: StoreError.self) { _ = try RestingAudit(folder: folder.state) }
    await (try await filled(1)).close()
    // As a Ballast before the audit log left it.
    try execute("DROP TABLE audit")
    let error = #expect(throws: StoreError.self) { _ = try RestingAudit(folder: folder.state) }
    #expect(error?.kind == .unavailable)
  }

  @Test func `many entries are verified, and one byte among them is found`() async throws {
    let store = folder.open().store
    for start in stride(from: Int64(1), through: 10_000, by: 5_000) {
      try await store.append((start..<(start + 5_000)).map { record($0) }, keep: 200_000)
    }
    let verdict = try await store.verifyAudit()
    #expect(verdict.sound && verdict.entries == 10_000)
    await store.close()
    try execute("UPDATE audit SET after_value = '{\"replicas\":7}' WHERE number = 7777")
    #expect(try findings() == ["altered 7777"])
  }
}
