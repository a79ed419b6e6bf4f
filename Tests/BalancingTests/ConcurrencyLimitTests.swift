import Balancing
import Primitives
import Testing

/// A server that works on `places` requests at a time and lets the others wait, behind a limit.
private struct Model {
  var places: Int
  /// Milliseconds that one request takes.
  var service: Double
  var isRandom = true
  var random: SeededRandom
  var limit = ConcurrencyLimit()
  var now = 0.0
  /// When each place is free, and when each request under way was begun and will end.
  var free: [Double]
  var underWay: [(began: Double, ends: Double)] = []
  var latencies: [Double] = []
  var served = 0

  init(places: Int, service: Double, isRandom: Bool, seed: UInt64) {
    self.places = places
    self.service = service
    self.isRandom = isRandom
    random = SeededRandom(seed: seed)
    free = Array(repeating: 0, count: places)
  }

  private func instant(_ milliseconds: Double) -> Instant {
    Instant(nanoseconds: UInt64((milliseconds + 1_000) * 1e6))
  }

  /// The sum of four fractions: about as wide as service times are, with a mean of 1.
  private mutating func factor() -> Double {
    guard isRandom else { return 1 }
    return (0..<4).reduce(0) { sum, _ in sum + random.fraction() } / 2
  }

  private mutating func begin() {
    guard underWay.count < limit.limit else { return }
    var place = 0
    for other in free.indices where free[other] < free[place] { place = other }
    let ends = max(free[place], now) + service * factor()
    free[place] = ends
    let index = underWay.firstIndex { $0.ends > ends } ?? underWay.count
    underWay.insert((now, ends), at: index)
  }

  /// Requests come at `load` times what the server does, for so many milliseconds.
  mutating func run(_ milliseconds: Double, load: Double) {
    (latencies, served) = ([], 0)
    let end = now + milliseconds
    let gap = service / Double(places) / load
    var next = now
    while now < end {
      if let first = underWay.first, first.ends <= next {
        now = first.ends
        limit.sample(
          latency: .nanoseconds(Int64((now - first.began) * 1e6)), inflight: underWay.count,
          failed: false, now: instant(now))
        underWay.removeFirst()
        latencies.append(now - first.began)
        served += 1
      } else {
        now = next
        next += gap * (random.fraction() + 0.5)
        begin()
      }
    }
    latencies.sort()
  }

  var median: Double { latencies.isEmpty ? 0 : latencies[latencies.count / 2] }
  var p99: Double { latencies.isEmpty ? 0 : latencies[latencies.count * 99 / 100] }
}

@Suite struct ConcurrencyLimitTests {
  @Test(
    arguments: [(places: 10, service: 10.0), (16, 50), (40, 40)], [true, false])
  func `under three times the load it settles near what the server does at a time`(
    server: (places: Int, service: Double), isRandom: Bool
  ) {
    var model = Model(
      places: server.places, service: server.service, isRandom: isRandom, seed: 1)
    model.run(20_000, load: 3)
    // For minutes, over which all that was seen of a quiet server is forgotten many times.
    for _ in 0..<3 {
      model.run(30_000, load: 3)
      let most = 30_000 / server.service * Double(server.places)
      let state: Comment = "\(model.limit.limit), \(model.median), \(model.served) of \(most)"
      #expect(model.limit.limit >= server.places * 9 / 10, state)
      #expect(model.limit.limit <= server.places * 22 / 10, state)
      #expect(model.median <= 2 * server.service, state)
      #expect(Double(model.served) >= 0.95 * most, state)
    }
  }

  @Test(arguments: [1, 2, 4])
  func `a small server is kept busy, and its line short`(places: Int) {
    var model = Model(places: places, service: 20, isRandom: true, seed: 2)
    model.run(60_000, load: 3)
    model.run(60_000, load: 3)
    #expect(model.served >= 3_000 * places * 94 / 100)
    #expect(model.limit.limit <= places * 2 + 3, "\(model.limit.limit)")
  }

  @Test func `a limit that isn't used doesn't grow, and doesn't stand in the way`() {
    var model = Model(places: 10, service: 10, isRandom: true, seed: 3)
    model.run(60_000, load: 0.5)
    #expect((10...ConcurrencyLimit.start * 2).contains(model.limit.limit))
    #expect(model.served > 29_000 && model.p99 < 25)
  }

  @Test func `a server that becomes slower for good is accepted`() {
    var model = Model(places: 20, service: 10, isRandom: true, seed: 4)
    model.run(30_000, load: 3)
    model.service = 40
    model.run(60_000, load: 3)
    model.run(30_000, load: 3)
    #expect((18...44).contains(model.limit.limit), "\(model.limit.limit)")
    #expect(model.served > 14_000)
  }

  @Test func `after an overload has passed the limit no longer turns anyone away`() {
    var model = Model(places: 20, service: 10, isRandom: true, seed: 5)
    model.run(60_000, load: 3)
    model.run(5_000, load: 0.8)
    model.run(10_000, load: 0.8)
    #expect(model.served >= 15_500, "\(model.served)")
  }

  @Test func `timeouts lower it, a few of them don't`() {
    var limit = ConcurrencyLimit()
    var now = Instant(nanoseconds: 1)
    for _ in 0..<200 {
      now = now + .milliseconds(10)
      limit.sample(latency: .seconds(1), inflight: 20, failed: true, now: now)
    }
    #expect((2...4).contains(limit.limit), "\(limit.limit)")
    var rare = ConcurrencyLimit()
    for number in 0..<20_000 {
      now = now + .milliseconds(1)
      rare.sample(
        latency: .milliseconds(5), inflight: 30, failed: number % 50 == 0, now: now)
    }
    #expect(rare.limit > 20)
  }

  @Test(arguments: [UInt64(1), 2, 3])
  func `no sample leads out of its bounds`(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    var limit = ConcurrencyLimit()
    var now = Instant.zero
    let spans: [TimeSpan] = [
      .zero, .nanoseconds(.min), .nanoseconds(.max), .milliseconds(1), .seconds(40),
    ]
    for _ in 0..<50_000 {
      if random.below(1_000) == 0 { now = now + spans[random.below(5)] }
      now = now + .milliseconds(Int64(random.below(30)))
      limit.sample(
        latency: spans[random.below(5)], inflight: random.below(40_000) - 10,
        failed: random.below(4) == 0, now: now)
      #expect(ConcurrencyLimit.bounds.contains(limit.limit))
    }
  }
}
