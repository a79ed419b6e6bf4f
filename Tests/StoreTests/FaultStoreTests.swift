import Faults
import Foundation
import Primitives
import Testing

@testable import Store

@Suite struct FaultStoreTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func at(_ milliseconds: Int64) -> WallTime { WallTime(milliseconds: milliseconds) }

  private func fault(
    _ id: Int64, _ service: String, parent: Int64? = nil, isOpen: Bool = false
  ) -> FaultRecord {
    FaultRecord(
      id: id, type: .serverUnhealthy, service: service, server: "s-\(id)", parent: parent,
      began: at(id), detected: at(id), cause: "c", resolved: isOpen ? nil : at(id + 1),
      duration: isOpen ? nil : 0.001)
  }

  @Test func `all that a fault says is there after the engine ended`() async throws {
    let full = FaultRecord(
      id: 7, type: .machineDown, service: "", server: nil, subject: "10.0.0.1", parent: 3,
      began: at(1), detected: at(2), cause: "a bad switch", inferredCause: "20 servers failed",
      actions: ["said \"no\"", "東京"], actionTimes: [at(3), at(4)], returns: 2,
      acknowledged: at(5), acknowledgedBy: "ann", recovered: at(6), resolved: nil, resolvedBy: nil)
    var closed = full
    (closed.id, closed.recovered, closed.resolved) = (8, nil, at(9))
    (closed.resolvedBy, closed.duration) = ("bob", 0.008)
    var store = folder.open().store
    try await store.save([full, closed])
    await store.close()
    store = folder.open().store
    #expect(try await store.fault(id: 7) == full)
    #expect(try await store.fault(id: 8) == closed)
    #expect(try await store.faults(openOnly: true) == [full])
  }

  @Test(arguments: [
    ([], "[]"), (["a"], #"["a"]"#), (["a", "", "b/c 東"], #"["a","","b\/c 東"]"#),
  ]) func `a list of texts is read without a decoder`(_ texts: [String], _ json: String) {
    #expect(Store.plainTexts(in: json) == texts)
  }

  @Test(arguments: [
    "", "[", "]", #"["a"#, #"["a]"#, #"["a",]"#, #"[,"a"]"#, #"["a""b"]"#, #"["a\n"]"#, "[1]",
    #"[ "a"]"#, "[\"a\u{1}\"]", #"["a\"]"#, #"{"a":1}"#,
  ]) func `all else is the decoder's`(_ json: String) {
    #expect(Store.plainTexts(in: json) == nil)
  }

  @Test func `what the caller has is counted and not read`() async throws {
    let store = folder.open().store
    try await store.save([fault(1, "a"), fault(2, "a"), fault(3, "a"), fault(4, "b", parent: 3)])
    #expect(try await store.faultRoots(limit: 2, except: [3]).map(\.id) == [2])
    #expect(try await store.faults(beneath: [3], except: [4]).isEmpty)
    #expect(try await store.faults(beneath: [3], except: [5]).map(\.id) == [4])
  }

  @Test func `roots are found by what hangs beneath them as well`() async throws {
    let store = folder.open().store
    try await store.save([
      fault(1, "", isOpen: true), fault(2, "shop", parent: 1), fault(3, "orders", parent: 1),
      fault(4, "shop"), fault(5, "cart"),
    ])
    #expect(try await store.faultRoots().map(\.id) == [5, 4, 1])
    #expect(try await store.faultRoots(service: "shop").map(\.id) == [4, 1])
    #expect(try await store.faultRoots(service: "orders", openOnly: true).map(\.id) == [1])
    #expect(try await store.faultRoots(limit: 2).map(\.id) == [5, 4])
    #expect(try await store.faults(beneath: [1, 4]).map(\.id) == [3, 2])
    #expect(try await store.faults(beneath: []).isEmpty)
  }

  @Test func `events of a span come in order, the last ones where there are many`() async throws {
    let store = folder.open().store
    try await store.append(
      (1...9).map {
        EventRecord(id: $0, at: at($0 * 10), type: "scaled", service: "shop", message: "m")
      })
    #expect(try await store.events(from: at(30), to: at(60)).map(\.id) == [3, 4, 5, 6])
    #expect(try await store.events(from: at(30), to: at(90), limit: 2).map(\.id) == [8, 9])
    #expect(try await store.events(from: at(91), to: at(99)).isEmpty)
  }

  @Test func `faults of a former version are there, without what it did not note`() async throws {
    let path = "\(folder.state)/ballast.db"
    try FileManager.default.createDirectory(
      atPath: folder.state, withIntermediateDirectories: true)
    do {
      let database = try Database(path: path)
      try Schema(steps: Array(Schema.current.steps.prefix(4))).migrate(database)
      try database.execute(
        """
        INSERT INTO faults VALUES
          (1, 'replica-exited', 'shop', 'shop-1', 1, 2, 'killed', '["restarted"]', NULL, NULL)
        """)
    }
    let opening = folder.open()
    #expect(opening.problem == nil && opening.setAside == nil)
    let record = try #require(try await opening.store.fault(id: 1))
    #expect(record.actions == ["restarted"] && record.actionTimes == nil && record.parent == nil)
    #expect(try await opening.store.faultRoots(openOnly: true).map(\.id) == [1])
  }
}
