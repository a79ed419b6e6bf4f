import Balancing
import Primitives
import Testing
import Topology

/// Workers that place clients for themselves and tell each other.
private struct Workers {
  var workers: [ServiceSessions]
  /// What was told and has not arrived, by worker.
  var mail: [[SessionEntry]]
  var now = Instant(nanoseconds: 1)

  init(_ count: Int, expiry: TimeSpan = .seconds(80)) {
    var sessions = ServiceSessions()
    sessions.adopt(
      Service(
        id: ServiceID(4), name: "s", algorithm: .roundRobin, servers: [],
        stickiness: .source(expiry: expiry)))
    workers = Array(repeating: sessions, count: count)
    mail = Array(repeating: [], count: count)
  }

  mutating func tell(_ worker: Int) {
    let news = workers[worker].takeNews()
    for other in mail.indices where other != worker { mail[other] += news }
  }

  mutating func read(_ worker: Int) {
    for entry in mail[worker] { workers[worker].merge(entry, now: now) }
    mail[worker] = []
  }

  mutating func settle() {
    for worker in workers.indices { tell(worker) }
    for worker in workers.indices { read(worker) }
  }

  mutating func servers(of key: UInt64) -> Set<Int?> {
    Set(workers.indices.map { workers[$0].server(forKey: key, now: now) })
  }
}

@Suite struct SessionSharingTests {
  @Test func `what one worker places the others know`() {
    var world = Workers(3)
    world.workers[1].place(7, server: 5, now: world.now)
    #expect(world.workers[1].news.map(\.service) == [ServiceID(4)])
    world.settle()
    #expect(world.servers(of: 7) == [5])
    #expect(world.workers[0].takeNews().isEmpty)
  }

  @Test func `first requests on two workers at once end at the same server`() {
    var shares: [Int: Int] = [:]
    for key in 0..<1_000 as Range<UInt64> {
      var world = Workers(2)
      world.workers[0].place(key, server: 0, now: world.now)
      world.workers[1].place(key, server: 1, now: world.now + .milliseconds(1))
      world.settle()
      let agreed = world.servers(of: key)
      #expect(agreed.count == 1)
      shares[agreed.first.flatMap { $0 } ?? -1, default: 0] += 1
    }
    // Neither server is preferred: 500 expected, with a standard deviation of 16.
    #expect(shares.count == 2 && shares.values.allSatisfy { (420...580).contains($0) })
  }

  @Test func `a hand-over wins over what was before it, in whatever order it is heard`() {
    for key in 0..<50 as Range<UInt64> {
      var world = Workers(2)
      world.workers[0].place(key, server: 0, now: world.now)
      world.settle()
      world.workers[0].place(key, server: 1, now: world.now)
      // The other worker renews the old session before it hears of the move.
      world.now = world.now + .seconds(70)
      #expect(world.workers[1].server(forKey: key, now: world.now) == 0)
      world.settle()
      #expect(world.servers(of: key) == [1])
    }
  }

  @Test func `what a server's cookie says wins over a worker that had not heard of it`() {
    for key in 0..<50 as Range<UInt64> {
      var world = Workers(2)
      world.workers[0].place(key, server: 0, isLearned: true, now: world.now)
      world.workers[1].place(key, server: 1, now: world.now)
      world.settle()
      #expect(world.servers(of: key) == [0])
    }
  }

  @Test func `a client that only one worker sees is known to all when it comes to them`() {
    var world = Workers(2)
    world.workers[0].place(7, server: 5, now: world.now)
    world.settle()
    for _ in 0..<1_000 {
      world.now = world.now + .seconds(1)
      _ = world.workers[0].server(forKey: 7, now: world.now)
      world.settle()
    }
    world.now = world.now + .seconds(79)
    #expect(world.workers[1].server(forKey: 7, now: world.now) == 5)
  }

  @Test func `agreement does not depend on order or repetition`() {
    var random = SeededRandom(seed: 3)
    for _ in 0..<2_000 {
      func session() -> Session {
        Session(
          server: Int32(random.below(4)), generation: UInt32(random.below(3)),
          expiry: Instant(nanoseconds: UInt64(random.below(4))))
      }
      let (key, a, b, c) = (random.next(), session(), session(), session())
      #expect(a.merged(with: a, key: key) == a)
      #expect(a.merged(with: b, key: key) == b.merged(with: a, key: key))
      #expect(
        a.merged(with: b, key: key).merged(with: c, key: key)
          == a.merged(with: b.merged(with: c, key: key), key: key))
    }
  }

  @Test(arguments: 0..<32 as Range<UInt64>)
  func `workers agree once they have heard of each other`(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    var world = Workers(4)
    for _ in 0..<2_000 {
      world.now = world.now + .milliseconds(Int64(random.below(100)))
      let worker = random.below(4)
      let key = UInt64(random.below(8))
      switch random.below(4) {
      case 0: world.workers[worker].place(key, server: random.below(5), now: world.now)
      case 1: _ = world.workers[worker].server(forKey: key, now: world.now)
      case 2: world.tell(worker)
      default: world.read(worker)
      }
    }
    world.settle()
    for key in 0..<8 as Range<UInt64> {
      #expect(world.servers(of: key).count == 1, "key \(key)")
    }
  }

  @Test func `news beyond their limit are dropped`() {
    var world = Workers(1)
    for key in 0..<UInt64(ServiceSessions.newsLimit + 10) {
      world.workers[0].place(key, server: 1, now: world.now)
    }
    #expect(world.workers[0].takeNews().count == ServiceSessions.newsLimit)
    #expect(world.workers[0].takeNews().isEmpty)
  }

  @Test func `a reload keeps the sessions of a service whose stickiness stays`() {
    var sessions = ServiceSessions()
    func adopt(_ stickiness: Stickiness?) {
      sessions.adopt(
        Service(
          id: ServiceID(0), name: "s", algorithm: .roundRobin, servers: [], stickiness: stickiness))
    }
    adopt(.source(expiry: .seconds(10)))
    sessions.place(7, server: 5, now: .zero)
    adopt(.source(expiry: .seconds(20)))
    #expect(sessions.server(forKey: 7, now: .zero + .seconds(5)) == 5)
    #expect(sessions.server(forKey: 7, now: .zero + .seconds(24)) == 5)
    adopt(.learned(cookie: [1], expiry: .seconds(10)))
    #expect(sessions.server(forKey: 7, now: .zero + .seconds(24)) == nil)
    sessions.place(7, server: 5, now: .zero)
    adopt(.learned(cookie: [1], expiry: .seconds(30)))
    #expect(sessions.server(forKey: 7, now: .zero) == 5)
    adopt(.learned(cookie: [2], expiry: .seconds(30)))
    #expect(sessions.server(forKey: 7, now: .zero) == nil)
    adopt(nil)
    #expect(sessions.stickiness == nil)
  }
}
