import Deployment
import Faults
import Foundation
import Glibc
import Primitives
import Store
import Testing

@testable import Engine

struct RecordTests {
  private func event(_ id: Int64, _ service: String? = nil) -> EventRecord {
    EventRecord(id: id, at: WallTime(milliseconds: id), type: "t", service: service, message: "m")
  }

  @Test func `events that the store has not yet come from memory, none twice`() {
    var ring = EventRing()
    ring.append([event(2), event(3, "shop"), event(4)])
    let stored = [event(1), event(2)]
    #expect(ring.merged(with: stored, service: nil, after: nil, limit: 3).map(\.id) == [2, 3, 4])
    #expect(ring.merged(with: [event(2)], service: nil, after: 1, limit: 2).map(\.id) == [2, 3])
    #expect(ring.merged(with: [], service: "shop", after: nil, limit: 9).map(\.id) == [3])
  }

  @Test func `the ring keeps the last events`() {
    var ring = EventRing()
    for id in 0..<Int64(EventRing.limit + 5) { ring.append([event(id)]) }
    #expect(ring.events.count == EventRing.limit)
    #expect(ring.events.first?.id == 5)
  }

  @Test func `a server's failures become events once in a while`() {
    var limiter = ServerNoticeLimiter()
    let name = ServerName(service: "s", server: "a")
    let other = ServerName(service: "s", server: "b")
    let allowed = [(name, 1), (name, 2), (other, 2), (name, 12)].map { name, second in
      limiter.allows(name, now: .zero + .seconds(second))
    }
    #expect(allowed == [true, false, true, true])
  }

  @Test(arguments: [
    ("1.4.2", true), ("feature/x", true), ("v1..2", true), ("sha256:ab", true), ("..", false),
    ("../evil", false), ("a/../../b", false), ("a/..", false), ("/bin", false),
  ])
  func `a version that is ordered stays in the folder that it is part of`(
    version: String, isGood: Bool
  ) {
    #expect(ControlPlane.isWithinFolder(version) == isGood)
  }

  @Test func `replica counts of a state from elsewhere are cut to what can be`() async throws {
    let folder = try #require(temporaryFolder())
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let opening = Store.open(folder: folder, now: WallTime(milliseconds: 0))
    try await opening.store.saveReplicaCount(service: "shop", .max)
    try await opening.store.saveReplicaCount(service: "web", .min)
    try await opening.store.setValue(
      #"{"shop":9223372036854775807}"#, forKey: RecalledState.configuredCountsKey)
    let state = try await RecalledState.read(
      from: opening.store, now: WallTime(milliseconds: 0))
    #expect(state.replicaCounts == ["shop": ReplicaPolicy.mostReplicas, "web": 0])
    #expect(state.configuredCounts == ["shop": ReplicaPolicy.mostReplicas])
    await opening.store.close()
  }

  private func temporaryFolder() -> String? {
    var pattern = Array("/var/tmp/ballast-log-XXXXXX".utf8CString)
    return unsafe pattern.withUnsafeMutableBufferPointer { buffer in
      guard let base = buffer.baseAddress, let made = unsafe mkdtemp(base) else { return nil }
      return unsafe String(cString: made)
    }
  }

  @Test func `a log is shown from its last lines on, over its rotation`() throws {
    let folder = try #require(temporaryFolder())
    let path = "\(folder)/shop-1.log"
    func write(_ text: String) {
      guard let file = unsafe fopen(path, "a") else { return }
      unsafe fputs(text, file)
      unsafe fclose(file)
    }
    defer {
      for name in [path, "\(path).1"] { unsafe unlink(name) }
      unsafe rmdir(folder)
    }
    write("one\ntwo\nthree\nhal")
    let files = [(replica: "shop-1", path: path)]
    func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    var tail = LogTail(service: "shop", replica: nil)
    let last = text(tail.last(2, of: files))
    #expect(last == "shop-1 | two\nshop-1 | three\n")
    let nothing = tail.more(of: files)
    #expect(nothing.isEmpty)
    write("f\n")
    let finished = text(tail.more(of: files))
    #expect(finished == "shop-1 | half\n")
    write("last\n")
    unsafe rename(path, "\(path).1")
    write("new\n")
    let rotated = text(tail.more(of: files))
    #expect(rotated == "shop-1 | last\nshop-1 | new\n")

    var other = LogTail(service: "shop", replica: "shop-2")
    let others = other.last(5, of: files)
    #expect(others.isEmpty)
  }
}
