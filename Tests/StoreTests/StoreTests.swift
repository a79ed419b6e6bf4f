import Faults
import Foundation
import Primitives
import Store
import Testing

private func event(_ id: Int64, service: String? = "shop", message: String = "m") -> EventRecord {
  EventRecord(
    id: id, at: WallTime(milliseconds: 1_000 * id), type: "server-healthy", severity: .warning,
    service: service, server: service.map { "\($0)-1" }, message: message)
}

private func fault(_ id: Int64, service: String = "shop", resolved: Bool = true) -> FaultRecord {
  FaultRecord(
    id: id, type: .replicaExited, service: service, server: "shop-1",
    began: WallTime(milliseconds: id), detected: WallTime(milliseconds: id + 5),
    cause: "killed by signal 9 (SIGKILL)", actions: ["traffic moved", "said \"no\"\nand 東京"],
    resolved: resolved ? WallTime(milliseconds: id + 1_500) : nil, duration: resolved ? 1.5 : nil)
}

@Suite struct StoreTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test func `a new state is made for its owner alone`() throws {
    let opening = folder.open()
    #expect(opening.problem == nil && opening.setAside == nil && opening.notes.isEmpty)
    #expect(try folder.mode(folder.state) == 0o700)
    for name in try folder.names() { #expect(try folder.mode("\(folder.state)/\(name)") == 0o600) }
  }

  @Test func `what operators set is there after the engine ended`() async throws {
    var store = folder.open().store
    try await store.saveServerOverride(
      service: "shop", server: "shop-1", ServerOverride(state: "draining", weight: 0))
    try await store.saveServerOverride(
      service: "shop", server: "shop-2", ServerOverride(weight: 7))
    try await store.saveServerOverride(
      service: "orders", server: "o'1", ServerOverride(state: "maintenance"))
    try await store.saveReplicaCount(service: "shop", 5)
    try await store.setValue("1", forKey: "a")
    try await store.setValue("nul \u{0} and 東京", forKey: "b")
    await store.close()
    store = folder.open().store
    #expect(
      try await store.serverOverrides() == [
        "shop": [
          "shop-1": ServerOverride(state: "draining", weight: 0),
          "shop-2": ServerOverride(weight: 7),
        ], "orders": ["o'1": ServerOverride(state: "maintenance")],
      ])
    #expect(try await store.replicaCounts() == ["shop": 5])
    #expect(try await store.value(forKey: "b") == "nul \u{0} and 東京")
    #expect(try await store.value(forKey: "c") == nil)
  }

  @Test func `a later setting takes the place of the earlier, and an empty one forgets it`()
    async throws
  {
    let store = folder.open().store
    try await store.saveServerOverride(service: "s", server: "1", ServerOverride(state: "draining"))
    try await store.saveServerOverride(service: "s", server: "1", ServerOverride(weight: 3))
    #expect(try await store.serverOverrides() == ["s": ["1": ServerOverride(weight: 3)]])
    try await store.saveServerOverride(service: "s", server: "1", ServerOverride())
    #expect(try await store.serverOverrides().isEmpty)
    try await store.saveReplicaCount(service: "s", 2)
    try await store.saveReplicaCount(service: "s", nil)
    #expect(try await store.replicaCounts().isEmpty)
    try await store.setValue("x", forKey: "k")
    try await store.setValue(nil, forKey: "k")
    #expect(try await store.value(forKey: "k") == nil)
  }

  @Test func `events come back oldest first, the last ones or those after an id`() async throws {
    let store = folder.open().store
    #expect(try await store.highestEventID() == 0)
    try await store.append((1...20).map { event($0, service: $0 % 2 == 0 ? "shop" : nil) })
    #expect(try await store.highestEventID() == 20)
    #expect(try await store.events(limit: 3).map(\.id) == [18, 19, 20])
    #expect(try await store.events(after: 5, limit: 3).map(\.id) == [6, 7, 8])
    #expect(try await store.events(service: "shop", after: 5, limit: 3).map(\.id) == [6, 8, 10])
    #expect(try await store.events(service: "shop", limit: 2) == [event(18), event(20)])
    #expect(try await store.events(limit: -1).isEmpty)
    #expect(try await store.events(after: 20).isEmpty)
    #expect(try await store.events(after: 0, limit: .max).count == 20)
  }

  @Test func `fault records come back as they were saved last, newest first`() async throws {
    let store = folder.open().store
    try await store.save(fault(1, resolved: false))
    try await store.save([fault(2, service: "orders", resolved: false), fault(3)])
    try await store.save(fault(1))
    #expect(
      try await store.faults() == [
        fault(3), fault(2, service: "orders", resolved: false), fault(1),
      ])
    #expect(try await store.faults(openOnly: true).map(\.id) == [2])
    #expect(try await store.faults(service: "shop", limit: 1).map(\.id) == [3])
    #expect(try await store.fault(id: 1) == fault(1))
    #expect(try await store.fault(id: 9) == nil)
    #expect(try await store.highestFaultID() == 3)
  }

  @Test func `the oldest go beyond what is kept, but no open fault`() async throws {
    let store = folder.open(retention: Retention(events: 10, faults: 5)).store
    for id in Int64(1)...30 { try await store.append([event(id)]) }
    #expect(try await store.events(limit: 100).map(\.id) == Array(21...30))
    try await store.save(fault(1, resolved: false))
    try await store.save((2...30).map { fault($0) })
    #expect(try await store.faults(limit: 100).map(\.id) == [30, 29, 28, 27, 26, 1])
    #expect(try await store.highestEventID() == 30)
  }

  @Test func `a closed store refuses and lets another open the folder`() async throws {
    let store = folder.open().store
    try await store.append([event(1)])
    await store.close()
    await #expect(throws: StoreError.self) { try await store.append([event(2)]) }
    #expect(try folder.names() == ["ballast.db", "ballast.lock"])
    let next = folder.open()
    #expect(next.problem == nil)
    #expect(try await next.store.highestEventID() == 1)
  }

  @Test func `two engines cannot have the same state, and the second learns who has it`()
    async throws
  {
    let first = folder.open()
    let second = folder.open()
    #expect(second.problem?.kind == .locked(pid: Int(getpid())))
    #expect(second.problem?.description == "\(folder.state) is in use by process \(getpid())")
    // It works all the same, from memory, and leaves the first alone.
    try await second.store.append([event(5)])
    #expect(try await second.store.highestEventID() == 5)
    #expect(try await first.store.highestEventID() == 0)
    #expect(second.notes.first?.contains("in memory only") == true)
  }

  @Test func `a folder that cannot be made leaves a store in memory`() async throws {
    for path in ["/proc/ballast/state", "/dev/null/state", "", "\(folder.path)/\u{0}"] {
      let opening = Store.open(folder: path, now: WallTime(milliseconds: 0))
      #expect(opening.problem != nil, "\(path)")
      try await opening.store.save(fault(1))
      #expect(try await opening.store.faults() == [fault(1)])
    }
  }
}
