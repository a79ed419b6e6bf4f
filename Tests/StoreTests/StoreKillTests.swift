import Faults
import Foundation
import Primitives
import Store
import Testing

/// Kills a process that writes, at a moment of chance, and looks at what it left.
@Suite(.serialized) struct StoreKillTests {
  @Test func `what was acknowledged is there after kill -9, again and again`() async throws {
    let folder = try TemporaryFolder()
    var last: Int64 = 0
    for round in 0..<8 {
      let path = folder.state
      await #expect(processExitsWith: .signal(SIGKILL)) {
        [path = path as String, round = round as Int] in
        try await StoreKillTests.writeUntilKilled(path, afterMicroseconds: 2_000 + 9_000 * round)
      }
      let acknowledged = try Self.acknowledged(folder.state)
      let opening = folder.open()
      #expect(opening.problem == nil && opening.setAside == nil)
      let highest = try await opening.store.highestEventID()
      // Killed early, it has acknowledged nothing of this round.
      #expect(highest >= acknowledged && highest >= last, "round \(round)")
      // Transactions are whole: five events and the record that counts them.
      #expect(highest % 5 == 0)
      #expect(try await opening.store.events(after: 0, limit: 10_000).count == Int(highest))
      await opening.store.close()
      last = highest
    }
    #expect(last > 0)
  }

  /// The child. The file of acknowledgements is written by one call each, so a kill can't cut it.
  private static func writeUntilKilled(_ folder: String, afterMicroseconds: Int) async throws {
    let opening = Store.open(folder: folder, now: WallTime(milliseconds: 0))
    guard opening.problem == nil, opening.setAside == nil else { exit(3) }
    let file = unsafe open("\(folder)/acknowledged", O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
    guard file >= 0 else { exit(4) }
    let start = DispatchTime.now()
    Thread.detachNewThread {
      // The moment of death is the only thing here that time decides.
      let end = start.uptimeNanoseconds + UInt64(afterMicroseconds) * 1_000
      while DispatchTime.now().uptimeNanoseconds < end { sched_yield() }
      kill(getpid(), SIGKILL)
    }
    var id = try await opening.store.highestEventID()
    while true {
      try await opening.store.append(
        (1...5).map { step in
          EventRecord(
            id: id + Int64(step), at: WallTime(milliseconds: id), type: "t",
            message: String(repeating: "m", count: 200))
        })
      id += 5
      var number = id
      let written = unsafe pwrite(file, &number, 8, 0)
      guard written == 8 else { exit(5) }
    }
  }

  private static func acknowledged(_ folder: String) throws -> Int64 {
    guard let data = FileManager.default.contents(atPath: "\(folder)/acknowledged"),
      data.count == 8
    else { return 0 }
    return data.reversed().reduce(0) { $0 << 8 | Int64($1) }
  }
}
