import Faults
import Foundation
import Primitives
import Testing

@testable import Store

@Suite struct OutgoingTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func record(_ number: Int64, bytes: Int = 100) -> OutgoingRecord {
    var record = OutgoingRecord(number: number, id: "i\(number)", topic: "event.t", body: "")
    record.body = String(repeating: "x", count: bytes - record.bytes)
    return record
  }

  private func append(
    _ store: Store, _ numbers: ClosedRange<Int64>, buffer: Int64 = .max, bytes: Int = 100
  ) async throws {
    let event = EventRecord(
      id: numbers.upperBound, at: WallTime(milliseconds: 1), type: "t", message: "m")
    try await store.append(
      events: [event], faults: [],
      outgoing: OutgoingRecords(records: numbers.map { record($0, bytes: bytes) }, buffer: buffer))
  }

  private func numbers(_ store: Store, _ sink: String, count: Int = 100) async throws -> [Int64] {
    try await store.outgoing(for: sink, count: count, bytes: .max).records.map(\.number)
  }

  @Test func `each sink gets all in order from where it began, also after an end`() async throws {
    var store = folder.open().store
    try await store.followSinks(["a"])
    try await append(store, 1...3)
    try await store.followSinks(["a", "b"])
    try await append(store, 4...5)
    #expect(try await numbers(store, "a", count: 4) == [1, 2, 3, 4])
    #expect(try await numbers(store, "b") == [4, 5])
    try await store.told("a", upTo: 4, delivered: 4, dropped: 0)
    await store.close()
    store = folder.open().store
    #expect(try await numbers(store, "a") == [5])
    #expect(try await numbers(store, "b") == [4, 5])
    #expect(try await store.highestOutgoing() == 5)
    let statuses = try await store.outgoingStatuses()
    #expect(statuses.map(\.sink) == ["a", "b"] && statuses.map(\.delivered) == [4, 0])
    #expect(statuses.map(\.waiting) == [1, 2] && statuses.map(\.waitingBytes) == [100, 200])
  }

  @Test func `what all sinks were told is forgotten, and the numbers go on`() async throws {
    let store = folder.open().store
    try await store.followSinks(["a", "b"])
    try await append(store, 1...10)
    try await store.told("a", upTo: 10, delivered: 10, dropped: 0)
    #expect(try await store.rowCounts()["outgoing"] == 10)
    try await store.told("b", upTo: 7, delivered: 7, dropped: 0)
    #expect(try await store.rowCounts()["outgoing"] == 3)
    // One that is gone holds nothing up.
    try await store.followSinks(["a"])
    #expect(try await store.rowCounts()["outgoing"] == 0)
    #expect(try await store.highestOutgoing() == 10)
    #expect(try await numbers(store, "b") == [])
  }

  @Test func `what is dropped on its way and arrives is not counted as dropped`() async throws {
    let store = folder.open().store
    try await store.followSinks(["a"])
    try await append(store, 1...10, buffer: 1_000)
    // Three are on their way when the first five go.
    #expect(try await numbers(store, "a", count: 3) == [1, 2, 3])
    try await append(store, 11...15, buffer: 1_000)
    #expect(try await store.outgoingStatuses().map(\.dropped) == [5])
    try await store.told("a", upTo: 3, delivered: 3, dropped: 0, all: [1, 2, 3])
    #expect(try await store.outgoingStatuses().map(\.dropped) == [2])
    #expect(try await numbers(store, "a") == Array(6...15))
    // Of three more one is too large, and it went for want of room as well: it is one.
    try await append(store, 16...17, buffer: 1_000)
    try await store.told("a", upTo: 8, delivered: 2, dropped: 1, all: [6, 7, 8])
    let status = try #require(try await store.outgoingStatuses().first)
    #expect(status.delivered == 5 && status.dropped == 3 && status.waiting == 9)
  }

  @Test func `beyond the buffer the oldest go, and each sink counts what it missed`() async throws {
    let store = folder.open().store
    try await store.followSinks(["a", "b"])
    try await append(store, 1...10, buffer: 1_000)
    try await store.told("a", upTo: 4, delivered: 4, dropped: 0)
    try await append(store, 11...16, buffer: 1_000)
    #expect(try await numbers(store, "a") == Array(7...16))
    var statuses = try await store.outgoingStatuses()
    #expect(statuses.map(\.dropped) == [2, 6])
    #expect(try await store.outgoing(for: "b", count: 1, bytes: 0).dropped == 6)
    // A smaller one holds at once, however many have to go.
    try await append(store, 17...17, buffer: 300)
    #expect(try await numbers(store, "b") == [15, 16, 17])
    statuses = try await store.outgoingStatuses()
    #expect(statuses.map(\.dropped) == [10, 14] && statuses.map(\.waitingBytes) == [300, 300])
    try await append(store, 18...1_000, buffer: 5_000)
    #expect(try await numbers(store, "b") == Array(951...1_000))
  }

  @Test func `a batch has no more bytes than asked for, and one message at least`() async throws {
    let store = folder.open().store
    try await store.followSinks(["a"])
    try await append(store, 1...5)
    #expect(try await store.outgoing(for: "a", count: 9, bytes: 250).records.count == 2)
    #expect(try await store.outgoing(for: "a", count: 9, bytes: 1).records.count == 1)
  }

  @Test func `a restored state keeps what waits now`() async throws {
    let store = folder.open().store
    try await store.followSinks(["a"])
    try await append(store, 1...2)
    let copy = "\(folder.path)/copy.db"
    let backup = "\(folder.path)/a.backup"
    try await store.copy(to: copy)
    _ = try BackupFile.write(
      database: copy, configuration: [], version: "1", now: WallTime(milliseconds: 1), to: backup)
    try await store.told("a", upTo: 2, delivered: 2, dropped: 0)
    try await append(store, 3...5)
    let prepared = try PreparedRestore.make(from: backup, at: "\(folder.path)/trial.db")
    try await store.replace(with: prepared, keeping: nil)
    #expect(try await numbers(store, "a") == [3, 4, 5])
    #expect(try await store.outgoingStatuses().map(\.delivered) == [2])
    #expect(try await store.events(limit: 10).map(\.id) == [2])
    try await append(store, 6...6)
    #expect(try await numbers(store, "a") == [3, 4, 5, 6])
  }
}
