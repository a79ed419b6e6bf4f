import Balancing
import Primitives
import Testing
import Topology

@Suite struct SessionTableTests {
  private let start = Instant(nanoseconds: 1)

  @Test func `a client stays for its lifetime after its last request, and not much longer`() {
    var table = SessionTable(lifetime: .seconds(80), limit: 64)
    var now = start
    _ = table.place(7, server: 3, now: now)
    for _ in 0..<20 {
      now = now + (.seconds(80) - .nanoseconds(1))
      #expect(table.find(7, now: now)?.session.server == 3)
    }
    #expect(table.find(7, now: now + .seconds(90)) == nil)
  }

  @Test func `a busy client is news eight times in a lifetime`() {
    var table = SessionTable(lifetime: .seconds(80), limit: 64)
    _ = table.place(7, server: 3, now: start)
    let news = (1...8_000).count { step in
      table.find(7, now: start + .milliseconds(Int64(step * 10)))?.isNews == true
    }
    #expect((7...8).contains(news))
  }

  @Test func `a full set drops the client that was away longest`() {
    // The low bits of all of these are the same.
    let keys = (0..<5).map { UInt64($0) << 32 }
    var table = SessionTable(lifetime: .seconds(80), limit: 64)
    for (second, key) in keys.prefix(4).enumerated() {
      _ = table.place(key, server: second, now: start + .seconds(Int64(second)))
    }
    _ = table.find(keys[0], now: start + .seconds(20))
    _ = table.place(keys[4], server: 4, now: start + .seconds(21))
    #expect(table.find(keys[1], now: start + .seconds(22)) == nil)
    for key in [0, 2, 3, 4] {
      #expect(table.find(keys[key], now: start + .seconds(22))?.session.server == Int32(key))
    }
  }

  @Test func `what another worker tells does not displace who was here later`() {
    let keys = (0..<5).map { UInt64($0) << 32 }
    var table = SessionTable(lifetime: .seconds(80), limit: 64)
    for key in keys.prefix(4) { _ = table.place(key, server: 1, now: start + .seconds(10)) }
    let early = Session(server: 2, generation: 0, expiry: start + .seconds(60))
    table.merge(keys[4], early, now: start)
    #expect(table.find(keys[4], now: start) == nil)
    table.merge(keys[4], early, now: start + .seconds(61))
    #expect(table.find(keys[4], now: start) == nil)
  }

  @Test func `a client is news when it is placed and when it is handed over`() {
    var table = SessionTable(lifetime: .seconds(80), limit: 64)
    #expect(table.place(7, server: 3, now: start)?.generation == 0)
    #expect(table.place(7, server: 3, now: start) == nil)
    #expect(table.place(7, server: 4, now: start)?.generation == 1)
    #expect(table.find(7, now: start)?.session.server == 4)
  }

  @Test func `the limit is the most that a table holds, and its memory from the beginning`() {
    var table = SessionTable(lifetime: .hours(1))
    #expect(table.capacity == SessionTable.limit)
    var random = SeededRandom(seed: 1)
    let keys = (0..<SessionTable.limit).map { _ in random.next() }
    for key in keys { _ = table.place(key, server: 1, now: start) }
    let held = keys.count { table.find($0, now: start) != nil }
    // Sets of four at a mean of four: e^-4 · Σ min(k, 4) · 4^k / k! of 4 is 80 %.
    #expect(held > SessionTable.limit * 78 / 100 && held < SessionTable.limit * 83 / 100)
    #expect(table.capacity == SessionTable.limit)
  }

  @Test(arguments: 0..<16 as Range<UInt64>)
  func `a table agrees with a plain dictionary`(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    var table = SessionTable(lifetime: .seconds(60), limit: 1_024)
    var plain: [UInt64: (server: Int32, seen: Instant)] = [:]
    var now = start
    // Few enough keys that no set is ever full.
    let keys = (0..<512).map { UInt64($0) }
    for _ in 0..<5_000 {
      now = now + .milliseconds(Int64(random.below(60)))
      let key = keys[random.below(keys.count)]
      if random.below(3) == 0 {
        let server = random.below(5)
        _ = table.place(key, server: server, now: now)
        // A look at a session keeps it; to place a client where it is does not.
        if plain[key]?.server != Int32(server) || table.find(key, now: now) == nil {
          plain[key] = (Int32(server), now)
        }
        plain[key]?.seen = now
        continue
      }
      let found = table.find(key, now: now)?.session.server
      guard let known = plain[key] else {
        #expect(found == nil)
        continue
      }
      if now - known.seen < .seconds(60) { #expect(found == known.server) }
      if now - known.seen > .milliseconds(67_500) { #expect(found == nil) }
      plain[key] = found == nil ? nil : (known.server, now)
    }
  }
}
