import Balancing
import Primitives
import Testing
import Topology

/// A breaker with its clock, and tries that begin and end at once unless said otherwise.
private struct Bench {
  var breaker = CircuitBreaker()
  var policy = EjectionPolicy()
  var mayEject = true
  var now = Instant(nanoseconds: 1_000_000_000_000)

  mutating func begin() -> Instant {
    breaker.began(now)
    return now
  }

  @discardableResult
  mutating func answer(isFailure: Bool, began: Instant? = nil) -> CircuitBreaker.Change? {
    let began = began ?? begin()
    return breaker.answered(
      isFailure: isFailure, began: began, policy: policy, mayEject: mayEject, now: now)
  }

  @discardableResult
  mutating func fail(isCertain: Bool = false, began: Instant? = nil) -> CircuitBreaker.Change? {
    let began = began ?? begin()
    return breaker.failed(
      isCertain: isCertain, began: began, policy: policy, mayEject: mayEject, now: now)
  }

  mutating func pass(_ seconds: Int64) { now = now + .seconds(seconds) }

  /// Fails until it is ejected. Returns for how many seconds.
  mutating func eject() -> Double? {
    for _ in 0..<100 {
      if case .ejected(let until, _)? = answer(isFailure: true) { return (until - now).seconds }
    }
    return nil
  }

  /// Waits the ejection out and proves itself.
  mutating func recover() {
    while !breaker.admits(now) { pass(1) }
    for _ in 0..<CircuitBreaker.trialsToClose { answer(isFailure: false) }
  }
}

@Suite struct CircuitBreakerTests {
  // MARK: Closed to open

  @Test func `failures in a row eject, whatever their kind`() {
    var bench = Bench()
    #expect(bench.answer(isFailure: true) == nil && bench.fail() == nil)
    #expect(bench.answer(isFailure: true) == nil && bench.fail() == nil)
    #expect(bench.breaker.state(bench.now) == .closed)
    #expect(
      bench.answer(isFailure: true)
        == .ejected(until: bench.now + .seconds(10), cause: "5 failures in a row"))
    #expect(bench.breaker.state(bench.now) == .open && bench.breaker.isEjected)
    #expect(!bench.breaker.admits(bench.now) && bench.breaker.ejections == 1)
  }

  @Test func `a good answer ends the row`() {
    var bench = Bench()
    for _ in 0..<10 {
      for _ in 0..<4 { #expect(bench.answer(isFailure: true) == nil) }
      bench.answer(isFailure: false)
      // Else the share of successes would eject.
      bench.pass(20)
    }
    #expect(bench.breaker.ejections == 0)
  }

  @Test func `too small a share of successes ejects, when there are enough requests`() {
    var bench = Bench()
    bench.policy.failures = 0
    for number in 1...19 { #expect(bench.answer(isFailure: number % 3 > 0) == nil) }
    #expect(
      bench.answer(isFailure: true)
        == .ejected(
          until: bench.now + .seconds(10), cause: "30% of 20 requests in 10s succeeded"))
  }

  @Test func `what is older than the window doesn't count for the share`() {
    var bench = Bench()
    bench.policy.failures = 0
    for _ in 0..<19 { bench.answer(isFailure: true) }
    bench.pass(10)
    for _ in 0..<20 { bench.answer(isFailure: false) }
    #expect(bench.answer(isFailure: true) == nil)
    // Half of a window later it still counts.
    bench.pass(5)
    for _ in 0..<18 { #expect(bench.answer(isFailure: true) == nil) }
    bench.answer(isFailure: true)
    #expect(bench.answer(isFailure: true) != nil)
  }

  @Test func `a policy of zeros never ejects, nor does one whose share is used up`() {
    for (failures, rate, mayEject) in [(0, 0.0, true), (5, 0.5, false)] {
      var bench = Bench()
      bench.policy.failures = failures
      bench.policy.successRate = rate
      bench.mayEject = mayEject
      for _ in 0..<1_000 { #expect(bench.answer(isFailure: true) == nil) }
      #expect(bench.breaker.ejections == 0 && bench.breaker.admits(bench.now))
    }
  }

  @Test func `what the client asked for wrongly is not the server's failure`() {
    #expect([500, 502, 503, 504, 599].allSatisfy { CircuitBreaker.isFailure(status: $0) })
    #expect(![200, 304, 400, 404, 429, 501, 505].contains { CircuitBreaker.isFailure(status: $0) })
  }

  // MARK: Half-open

  @Test func `one trial at a time, and three good ones readmit`() {
    var bench = Bench()
    _ = bench.eject()
    bench.pass(10)
    #expect(bench.breaker.state(bench.now) == .halfOpen && bench.breaker.isEjected)
    for number in 1...3 {
      #expect(bench.breaker.admits(bench.now))
      let began = bench.begin()
      #expect(!bench.breaker.admits(bench.now))
      bench.pass(1)
      let change = bench.answer(isFailure: false, began: began)
      #expect(change == (number == 3 ? .readmitted : nil))
    }
    #expect(bench.breaker.state(bench.now) == .closed && bench.breaker.admits(bench.now))
  }

  @Test func `a bad trial leaves it out for twice as long, even when no other may go`() {
    var bench = Bench()
    _ = bench.eject()
    bench.pass(10)
    bench.answer(isFailure: false)
    bench.answer(isFailure: false)
    bench.mayEject = false
    #expect(
      bench.answer(isFailure: true)
        == .ejected(until: bench.now + .seconds(20), cause: "its trial failed"))
    bench.pass(20)
    // The good ones of before are forgotten.
    bench.answer(isFailure: false)
    bench.answer(isFailure: false)
    #expect(bench.breaker.state(bench.now) == .halfOpen)
    #expect(bench.answer(isFailure: false) == .readmitted)
  }

  @Test func `an abandoned trial gives its place back`() {
    var bench = Bench()
    _ = bench.eject()
    let early = bench.begin()
    bench.pass(10)
    let trial = bench.begin()
    bench.breaker.abandoned(bench.now, began: early)
    #expect(!bench.breaker.admits(bench.now))
    bench.breaker.abandoned(bench.now, began: trial)
    #expect(bench.breaker.admits(bench.now))
    _ = bench.begin()
    bench.breaker.abandoned(bench.now)
    #expect(bench.breaker.admits(bench.now) && bench.breaker.state(bench.now) == .halfOpen)
  }

  @Test func `what was begun before the ejection is no trial`() {
    var bench = Bench()
    let early = bench.begin()
    _ = bench.eject()
    bench.pass(10)
    for _ in 0..<10 { #expect(bench.answer(isFailure: false, began: early) == nil) }
    #expect(bench.breaker.state(bench.now) == .halfOpen)
    let trial = bench.begin()
    for _ in 0..<10 { #expect(bench.answer(isFailure: true, began: early) == nil) }
    #expect(bench.breaker.state(bench.now) == .halfOpen && !bench.breaker.admits(bench.now))
    bench.answer(isFailure: false, began: trial)
    #expect(bench.breaker.admits(bench.now))
  }

  // MARK: Growth

  @Test func `the time doubles with each ejection up to the longest`() {
    var bench = Bench()
    var times: [Double?] = []
    for _ in 0..<8 {
      times.append(bench.eject())
      bench.recover()
    }
    #expect(times == [10, 20, 40, 80, 160, 300, 300, 300])
  }

  @Test func `a server that stays well is trusted more and more`() {
    var bench = Bench()
    for _ in 0..<4 {
      _ = bench.eject()
      bench.recover()
    }
    // Two times six of the policy's first time: two halvings of 80 s, then one doubling.
    bench.pass(125)
    #expect(bench.eject() == 40)
    bench.recover()
    bench.pass(100_000)
    #expect(bench.eject() == 10)
  }

  @Test func `a hundred failures of requests that were under way together are one sign`() {
    var bench = Bench()
    let early = bench.begin()
    var changes = 0
    for _ in 0..<100 where bench.fail(isCertain: true, began: early) != nil { changes += 1 }
    #expect(changes == 1 && bench.breaker.ejections == 1)
    // Nor do those that fail only after it was forgiven speak against what it is now.
    bench.breaker.forgive()
    for _ in 0..<100 { #expect(bench.answer(isFailure: true, began: early) == nil) }
    bench.pass(1)
    _ = bench.begin()
    for _ in 0..<100 { #expect(bench.answer(isFailure: true, began: early) == nil) }
    #expect(bench.breaker.state(bench.now) == .closed)
    #expect(bench.eject() == 20)
  }

  @Test func `a server that passes its checks and fails its requests keeps its growth`() {
    var bench = Bench()
    var times: [Double?] = []
    for _ in 0..<7 {
      times.append(bench.eject())
      bench.pass(4)
      bench.breaker.forgive()
      #expect(bench.breaker.state(bench.now) == .closed && bench.breaker.admits(bench.now))
    }
    #expect(times == [10, 20, 40, 80, 160, 300, 300])
  }

  // MARK: Other loops

  @Test func `another loop's ejection holds here, and grows here`() {
    var bench = Bench()
    bench.breaker.eject(until: bench.now + .seconds(10), now: bench.now)
    #expect(bench.breaker.state(bench.now) == .open && bench.breaker.ejections == 0)
    // The same sign once more, a moment later; and word that comes too late.
    bench.breaker.eject(until: bench.now + .seconds(9), now: bench.now)
    bench.breaker.eject(until: bench.now, now: bench.now)
    bench.pass(10)
    #expect(bench.breaker.state(bench.now) == .halfOpen)
    bench.recover()
    #expect(bench.eject() == 20)
  }

  @Test func `another loop's failed trial ends this one's trials`() {
    var bench = Bench()
    _ = bench.eject()
    bench.pass(10)
    let trial = bench.begin()
    bench.breaker.eject(until: bench.now + .seconds(20), now: bench.now)
    #expect(bench.breaker.state(bench.now) == .open)
    #expect(bench.answer(isFailure: false, began: trial) == nil)
    bench.pass(20)
    #expect(bench.breaker.admits(bench.now))
  }
}
