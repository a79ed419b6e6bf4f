import Primitives
import Synchronization
import Testing
import Topology

@testable import Engine

@Suite struct SharedTableTests {
  private static let now = Instant(nanoseconds: 1_000_000_000)

  private func limit(_ key: RateLimit.Key, burst: Int) -> RateLimit {
    RateLimit(key: key, count: 1, per: .hours(1), burst: burst)
  }

  @Test(arguments: [RateLimit.Key.clientIP, .all])
  func `over many threads exactly the burst is admitted`(_ key: RateLimit.Key) async throws {
    let table = try #require(RateTable(limit(key, burst: 20)))
    let keys = key == .all ? [UInt64(1)] : (0..<50).map { SeededRandom.mixed($0) }
    let admitted = await withTaskGroup(of: [UInt64: Int].self) { group in
      for _ in 0..<8 {
        group.addTask {
          var admitted: [UInt64: Int] = [:]
          for _ in 0..<100 {
            for key in keys where table.take(key, now: Self.now) == nil {
              admitted[key, default: 0] += 1
            }
          }
          return admitted
        }
      }
      var sum: [UInt64: Int] = [:]
      for await part in group { sum.merge(part, uniquingKeysWith: +) }
      return sum
    }
    for key in keys { #expect(admitted[key] == 20) }
  }

  @Test func `a bucket that is full again gives its place to another`() throws {
    let table = try #require(SharedTable(sets: 1))
    // More keys one after the other than there are places, none of which outlives its turn.
    for key in UInt64(1)...100 {
      let place = table.change(key, isFree: { $0 < key }) { value, place in
        #expect(value == 0)
        value = key
        return place
      }
      guard case .own = place else { return #expect(Bool(false), "\(key) has no place") }
    }
  }

  @Test func `when a set is full the others share one bucket`() throws {
    let table = try #require(RateTable(limit(.all, burst: 3)))
    let admitted = (UInt64(1)...100).map { key in
      (0..<5).count { _ in table.take(key, now: Self.now) == nil }
    }
    // Seven have their own; all others have three together.
    #expect(admitted.prefix(7).allSatisfy { $0 == 3 })
    #expect(admitted.dropFirst(7).reduce(0, +) == 3)
  }

  @Test func `connections are counted by address over many threads and come to nothing`()
    async throws
  {
    let counts = try #require(AddressCounts())
    let seen = Seen()
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<8 {
        group.addTask {
          for _ in 0..<5_000 {
            guard let place = counts.enter(42, most: 3) else { continue }
            seen.enter()
            seen.leave()
            counts.leave(42, place)
          }
        }
      }
    }
    #expect((1...3).contains(seen.most.load(ordering: .relaxed)))
    for _ in 0..<3 { #expect(counts.enter(42, most: 3) != nil) }
    #expect(counts.enter(42, most: 3) == nil)
  }

  @Test func `a listener's cap holds over many threads`() async {
    let count = ConnectionCount()
    let seen = Seen()
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<8 {
        group.addTask {
          for _ in 0..<1_000 where count.enter(most: 100) { seen.enter() }
        }
      }
    }
    #expect(seen.open.load(ordering: .relaxed) == 100)
    count.leave()
    #expect(count.enter(most: 100))
    #expect(!count.enter(most: 100))
    #expect(count.enter(most: 0))
  }

  @Test func `a limit that stays as it was keeps its buckets over a topology`() throws {
    func snapshot(_ limits: [RateLimit]) -> TopologySnapshot {
      var policy = ListenerPolicy()
      policy.rateLimits = limits
      return TopologySnapshot(
        version: 1, listeners: [Listener(id: ListenerID(0), name: "a", policy: policy)],
        routes: [], services: [])
    }
    var tables = GuardTables()
    tables.adopt(snapshot([limit(.clientIP, burst: 1), limit(.all, burst: 2)]))
    let (first, second) = (tables.listeners[0].rates[0], tables.listeners[0].rates[1])
    tables.adopt(snapshot([limit(.all, burst: 2), limit(.clientIP, burst: 9)]))
    #expect(tables.listeners[0].rates[0] === second)
    #expect(tables.listeners[0].rates[1] !== first)
    #expect(tables.limitsRequests)
    tables.adopt(snapshot([]))
    #expect(!tables.limitsRequests)
  }

  @Test func `a route's limit is its own, and stays with its number`() throws {
    func snapshot(_ limits: [[RateLimit]]) -> TopologySnapshot {
      TopologySnapshot(
        version: 1, listeners: [],
        routes: limits.enumerated().map { index, limits in
          Route(id: RouteID(index), name: "\(index)", action: .service(0), rateLimits: limits)
        }, services: [])
    }
    let limit = limit(.clientIP, burst: 1)
    var tables = GuardTables()
    tables.adopt(snapshot([[limit], [], [limit]]))
    #expect(tables.routes.map(\.count) == [1, 0, 1])
    let last = tables.routes[2][0]
    #expect(tables.routes[0][0] !== last)
    tables.adopt(snapshot([[], [], [limit], []]))
    #expect(tables.limitsRequests && tables.routes.map(\.count) == [0, 0, 1])
    #expect(tables.routes[2][0] === last)
    tables.adopt(snapshot([[], [], []]))
    #expect(!tables.limitsRequests)
  }
}

private final class Seen: Sendable {
  let open = Atomic<Int>(0)
  let most = Atomic<Int>(0)

  func enter() {
    let now = open.add(1, ordering: .sequentiallyConsistent).newValue
    most.max(now, ordering: .relaxed)
  }

  func leave() { open.subtract(1, ordering: .sequentiallyConsistent) }
}

extension SeededRandom {
  fileprivate static func mixed(_ seed: Int) -> UInt64 {
    var random = SeededRandom(seed: UInt64(seed))
    return random.next()
  }
}
