import Audit
import Faults
import Foundation
import Primitives
import Testing

@testable import Store

@Suite struct BackupTests {
  let folder: TemporaryFolder
  let now = WallTime(milliseconds: 1_790_000_000_123)

  init() throws { folder = try TemporaryFolder() }

  private var backup: String { "\(folder.path)/one.backup" }
  private var trial: String { "\(folder.path)/trial.db" }

  private func event(_ id: Int64) -> EventRecord {
    EventRecord(id: id, at: WallTime(milliseconds: id), type: "t", message: "東京 \(id)")
  }

  private func filled(_ events: Int64 = 300) async throws -> Store {
    let store = folder.open().store
    try await store.append((1...events).map(event))
    try await store.saveServerOverride(
      service: "shop", server: "a", ServerOverride(state: "draining", weight: 0))
    try await store.setValue("v", forKey: "k")
    return store
  }

  @discardableResult
  private func write(_ store: Store) async throws -> BackupManifest {
    let copy = "\(folder.path)/copy.db"
    try await store.copy(to: copy)
    defer { PreparedRestore.remove(copy) }
    return try BackupFile.write(
      database: copy, configuration: [.init(path: "/etc/b.yaml", text: "log: ${LEVEL}\n")],
      version: "1.2", now: now, to: backup)
  }

  @Test func `a backup has every row of every table, and is its owner's alone`() async throws {
    let store = try await filled()
    let manifest = try await write(store)
    let rows = Dictionary(uniqueKeysWithValues: manifest.tables.map { ($0.name, $0.rows) })
    #expect(rows["events"] == 300 && rows["server_overrides"] == 1 && rows["settings"] == 1)
    #expect(rows == (try await store.rowCounts()))
    #expect(manifest.schema == Store.schemaVersion && manifest.taken == now)
    #expect(try folder.mode(backup) == 0o600)
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        == ["one.backup", "state"])
    var reader = try BackupReader(backup)
    #expect(reader.manifest == manifest)
    #expect(try reader.readAll() == [.init(path: "/etc/b.yaml", text: "log: ${LEVEL}\n")])
  }

  @Test func `a table that a later step brings is in it by itself`() async throws {
    let later = Schema(
      steps: Schema.current.steps + [
        "CREATE TABLE \"odd \"\" name\" (b BLOB, r REAL) STRICT",
        "INSERT INTO \"odd \"\" name\" VALUES (x'00FF', 0.5), (NULL, NULL)",
      ])
    let opening = Store.open(
      folder: folder.state, now: now, retention: Retention(), schema: later)
    let manifest = try await write(opening.store)
    #expect(manifest.tables.first { $0.name == "odd \" name" }?.rows == 2)
    let prepared = try PreparedRestore.make(from: backup, at: trial, schema: later)
    #expect(prepared.manifest == manifest)
    #expect(throws: StoreError.self) { try PreparedRestore.make(from: backup, at: trial) }
  }

  @Test func `what is written while it is copied comes in between, and the copy is sound`()
    async throws
  {
    let store = try await filled(20_000)
    let writer = Task {
      for id in Int64(20_001)...20_200 { try await store.append([event(id)]) }
    }
    for _ in 0..<5 {
      let manifest = try await write(store)
      let events = try #require(manifest.tables.first { $0.name == "events" }?.rows)
      #expect((20_000...20_200).contains(events))
      _ = try PreparedRestore.make(from: backup, at: trial)
    }
    try await writer.value
  }

  @Test func `a state is replaced and equal by hash, and what was there can be had again`()
    async throws
  {
    let store = try await filled()
    let manifest = try await write(store)
    try await store.append((301...400).map(event))
    try await store.saveServerOverride(service: "shop", server: "a", ServerOverride())
    let former = "\(folder.database).former"
    let prepared = try PreparedRestore.make(from: backup, at: trial)
    try await store.replace(with: prepared, keeping: former)
    #expect(try await write(store).tables == manifest.tables)
    #expect(try await store.serverOverrides()["shop"]?["a"]?.state == "draining")
    #expect(try DatabaseContent.examine(former).tables.first { $0.name == "events" }?.rows == 400)
    await store.close()
    #expect(try await folder.open().store.highestEventID() == 300)
  }

  @Test(arguments: [true, false])
  func `a state that was deleted or overwritten under the engine is restored`(deleted: Bool)
    async throws
  {
    let store = try await filled()
    let manifest = try await write(store)
    if deleted {
      try FileManager.default.removeItem(atPath: folder.database)
    } else {
      let garbage = Data((0..<70_000).map { UInt8(truncatingIfNeeded: $0 &* 31) })
      let handle = try #require(FileHandle(forWritingAtPath: folder.database))
      try handle.write(contentsOf: garbage)
      try handle.close()
    }
    let prepared = try PreparedRestore.make(from: backup, at: trial)
    try await store.replace(with: prepared, keeping: "\(folder.database).former")
    try await store.append([event(301)])
    #expect(try await store.highestEventID() == 301)
    await store.close()
    let next = folder.open()
    #expect(next.setAside == nil && next.problem == nil)
    #expect(try await write(next.store).tables.count == manifest.tables.count)
    #expect(try await next.store.highestEventID() == 301)
  }

  @Test(arguments: [
    "CREATE TRIGGER t AFTER INSERT ON events BEGIN DELETE FROM faults; END",
    "CREATE VIEW v AS SELECT * FROM events",
  ])
  func `a database with programs in it is refused`(program: String) async throws {
    let store = try await filled(3)
    let copy = "\(folder.path)/copy.db"
    try await store.copy(to: copy)
    let database = try Database(path: copy)
    try database.execute(program)
    database.checkpointOnClose()
    _ = try BackupFile.write(
      database: copy, configuration: [], version: "1.2", now: now, to: backup)
    let error = try #require(throws: StoreError.self) {
      try PreparedRestore.make(from: backup, at: trial)
    }
    #expect(error.kind == .damaged && error.description.contains("triggers"), "\(error)")
    #expect(!FileManager.default.fileExists(atPath: trial))
  }

  @Test func `every damage of a file is refused, and the part is named`() async throws {
    let store = try await filled(40)
    let manifest = try await write(store)
    let whole = try Data(contentsOf: URL(fileURLWithPath: backup))
    let head = try #require(whole.range(of: Data("}\n".utf8))).upperBound
    let database = head..<head + Int(manifest.database.bytes)
    func refusal(_ bytes: Data) throws -> String {
      try bytes.write(to: URL(fileURLWithPath: backup))
      let error = try #require(throws: StoreError.self) {
        try PreparedRestore.make(from: backup, at: trial)
      }
      #expect(error.kind == .damaged, "\(error)")
      #expect(!FileManager.default.fileExists(atPath: trial))
      return error.description
    }
    func flipped(_ place: Int) -> Data {
      var bytes = whole
      bytes[place] ^= 0x20
      return bytes
    }
    #expect(try refusal(flipped(2)).contains("no backup of ballast"))
    #expect(try refusal(flipped(20)).contains("manifest is damaged"))
    #expect(try refusal(flipped(database.lowerBound + 5_000)).contains("the database is damaged"))
    #expect(try refusal(flipped(database.upperBound + 1)).contains("configuration /etc/b.yaml"))
    #expect(try refusal(flipped(whole.count - 9)).contains("checksum of the whole file"))
    #expect(try refusal(whole.dropLast(1)).contains("cut off"))
    #expect(try refusal(whole + [10]).contains("too long"))
    #expect(try refusal(whole.prefix(30)).contains("cut off"))
    #expect(try refusal(Data()).contains("cut off"))
    // Wherever one bit is wrong, it is seen.
    for place in stride(from: 0, to: whole.count, by: whole.count / 97) {
      try flipped(place).write(to: URL(fileURLWithPath: backup))
      #expect(throws: StoreError.self) { try PreparedRestore.make(from: backup, at: trial) }
    }
  }

  @Test func `a manifest with sizes beyond all measure is refused without a trap`() async throws {
    let store = try await filled(3)
    try await write(store)
    let text = try String(contentsOfFile: backup, encoding: .isoLatin1)
    let lines = text.split(separator: "\n", maxSplits: 2, omittingEmptySubsequences: false)
    for size in ["9223372036854775807", "-1"] {
      let manifest = lines[1].replacing(#/"bytes":[0-9]+/#, with: "\"bytes\":\(size)")
      try Data("\(lines[0])\n\(manifest)\nrest".utf8).write(to: URL(fileURLWithPath: backup))
      let error = try #require(throws: StoreError.self) { try BackupReader(backup) }
      #expect(error.kind == .damaged)
    }
  }

  @Test func `an older state is brought up to date, a later one refused`() async throws {
    let old = Schema(steps: Array(Schema.current.steps.prefix(1)))
    let former = "\(folder.path)/former.db"
    do {
      let database = try Database(path: former)
      try old.migrate(database)
      try database.execute("INSERT INTO settings VALUES ('k', 'v')")
    }
    let manifest = try BackupFile.write(
      database: former, configuration: [], version: "1.0", now: now, to: backup)
    #expect(manifest.schema == 1 && manifest.rows == 1)
    let prepared = try PreparedRestore.make(from: backup, at: trial)
    #expect(try DatabaseContent.examine(prepared.database).schema == Store.schemaVersion)
    let none = Schema(steps: [])
    let error = try #require(throws: StoreError.self) {
      try PreparedRestore.make(from: backup, at: trial, schema: none)
    }
    #expect(error.kind == .newerSchema(found: 1))
    #expect(error.description.contains("later version of ballast"))
  }

  @Test func `a resting state is replaced, and an engine's is refused`() async throws {
    let store = try await filled(5)
    try await write(store)
    let state = folder.state
    let locked = #expect(throws: StoreError.self) { _ = try RestingState(folder: state) }
    #expect(locked?.description.contains("in use by process") == true)
    try await store.append([event(6)])
    await store.close()
    let prepared = try PreparedRestore.make(from: backup, at: trial)
    let kept: String?
    do {
      let resting = try RestingState(folder: state)
      #expect(resting.rowCounts()?["events"] == 6)
      kept = try resting.replace(
        with: prepared, version: "1.2", now: now, record: auditRecord("state.restore"))
    }
    let after = folder.open().store
    #expect(try await after.highestEventID() == 5)
    #expect(try await after.audit().map(\.record.action) == ["state.restore"])
    #expect(try await after.verifyAudit().sound)
    var reader = try BackupReader(try #require(kept))
    _ = try reader.readAll()
    #expect(reader.manifest.tables.first { $0.name == "events" }?.rows == 6)
  }

  private func auditRecord(_ action: String) -> AuditRecord {
    AuditRecord(at: now, source: .command, actor: "ann", from: "uid 0", action: action)
  }

  @Test(arguments: [false, true])
  func `the audit log goes on over a restore`(resting: Bool) async throws {
    let store = try await filled(5)
    try await store.append([auditRecord("one")], keep: 100)
    try await store.beginAudit(7, auditRecord("backup"))
    try await write(store)
    let head = try await store.append([auditRecord("two")], keep: 100, finished: [7])
    try await store.beginAudit(8, auditRecord("restore"))
    let prepared = try PreparedRestore.make(from: backup, at: trial)
    if resting {
      await store.close()
      let resting = try RestingState(folder: folder.state)
      _ = try resting.replace(
        with: prepared, version: "1.2", now: now, record: auditRecord("state.restore"))
    } else {
      try await store.replace(with: prepared, keeping: nil)
      try await store.append([auditRecord("state.restore")], keep: 100, finished: [8])
      await store.close()
    }
    let after = folder.open().store
    try await after.recallBegunAudit(keep: 100)
    let actions = try await after.audit().map(\.record.action).reversed()
    // What was begun by hand and not ended is told; the half of the backup is nobody's.
    #expect(
      Array(actions) == ["one", "two", "state.restore"] + (resting ? ["restore"] : []))
    #expect(try await after.verifyAudit(heads: [head]).sound)
  }

  @Test func `a state without entries takes the audit log of the backup`() async throws {
    let store = try await filled(5)
    try await store.append([auditRecord("one")], keep: 100)
    try await store.beginAudit(7, auditRecord("backup"))
    try await write(store)
    await store.close()
    try FileManager.default.removeItem(atPath: folder.state)
    let prepared = try PreparedRestore.make(from: backup, at: trial)
    do {
      let resting = try RestingState(folder: folder.state)
      _ = try resting.replace(
        with: prepared, version: "1.2", now: now, record: auditRecord("state.restore"))
    }
    let after = folder.open().store
    try await after.recallBegunAudit(keep: 100)
    #expect(try await after.audit().map(\.record.action) == ["state.restore", "one"])
    #expect(try await after.verifyAudit().sound)
  }

  @Test func `a folder knows its backups by their names, and keeps the newest`() throws {
    let backups = BackupFolder(path: "\(folder.path)/backups")
    try backups.create()
    for hour in Int64(0)..<5 {
      let time = WallTime(milliseconds: 1_790_000_000_000 + hour * 3_600_000)
      try Data([1, 2, 3]).write(
        to: URL(fileURLWithPath: backups.file(backups.scheduled(time))))
    }
    for name in ["ballast-2026.backup", "letter", "ballast-20269921T141320Z.backup"] {
      try Data().write(to: URL(fileURLWithPath: backups.file(name)))
    }
    #expect(backups.entries().count == 5)
    #expect(backups.prune(keep: 2) == 3)
    let left = backups.entries()
    #expect(
      left.map(\.name) == ["ballast-20260921T181320Z.backup", "ballast-20260921T171320Z.backup"])
    #expect(left.first?.bytes == 3)
    #expect(left.first?.taken == WallTime(milliseconds: 1_790_014_400_000))
  }
}
