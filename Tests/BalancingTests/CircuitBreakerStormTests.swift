import Balancing
import Primitives
import Testing
import Topology

/// Tries by chance against one server; what must hold of its breaker at every moment.
@Suite struct CircuitBreakerStormTests {
  @Test(arguments: Array(UInt64(1)...8))
  func `it ejects only when it may, grows within its bound, and tries one at a time`(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    var breaker = CircuitBreaker()
    let policy = EjectionPolicy(
      failures: random.below(6), time: .seconds(1), longest: .seconds(20))
    var now = Instant(nanoseconds: 1_000_000_000)
    var underWay: [Instant] = []
    var trials = 0
    var trialsFrom = Instant.distantFuture
    var lastTime = TimeSpan.zero
    var (ejected, readmitted) = (0, 0)
    var errorShare = 0.5
    for step in 0..<60_000 {
      if step % 500 == 0 { errorShare = random.below(2) == 0 ? 0.02 : 0.9 }
      now = now + .milliseconds(Int64(random.below(20)))
      let place: Comment = "seed \(seed), step \(step)"
      if underWay.count < 30, random.below(2) == 0, breaker.admits(now) {
        if breaker.state(now) == .halfOpen {
          #expect(trials == 0, place)
          trials += 1
        }
        breaker.began(now)
        underWay.append(now)
        continue
      }
      if random.below(3_000) == 0 {
        breaker.forgive()
        (trials, trialsFrom) = (0, .distantFuture)
        #expect(breaker.state(now) == .closed && breaker.admits(now), place)
        continue
      }
      guard !underWay.isEmpty else { continue }
      let began = underWay.remove(at: random.below(underWay.count))
      if began >= trialsFrom { trials -= 1 }
      let wasEjected = breaker.isEjected
      let mayEject = random.below(4) > 0
      var change: CircuitBreaker.Change?
      let isBad = random.fraction() < errorShare
      if random.below(10) == 0 {
        breaker.abandoned(now, began: began)
      } else if isBad, random.below(2) == 0 {
        change = breaker.failed(
          isCertain: random.below(2) == 0, began: began, policy: policy, mayEject: mayEject,
          now: now)
      } else {
        change = breaker.answered(
          isFailure: isBad, began: began, policy: policy, mayEject: mayEject, now: now)
      }
      switch change {
      case .ejected(let until, let cause)?:
        ejected += 1
        let time = until - now
        #expect(mayEject || wasEjected, place)
        #expect(time >= policy.time && time <= policy.longest && !cause.isEmpty, place)
        #expect(time <= max(lastTime.scaled(by: 2), policy.time), place)
        #expect(breaker.state(now) == .open && !breaker.admits(now), place)
        (lastTime, trialsFrom, trials) = (time, until, 0)
      case .readmitted?:
        readmitted += 1
        #expect(wasEjected && breaker.state(now) == .closed, place)
        (trials, trialsFrom) = (0, .distantFuture)
      case nil: #expect(breaker.isEjected == wasEjected, place)
      }
    }
    #expect(ejected > 20 && readmitted > 2, "seed \(seed): \(ejected), \(readmitted)")
  }

  @Test func `no clock and no policy trap`() {
    let spans: [TimeSpan] = [.zero, .nanoseconds(1), .nanoseconds(-5), .nanoseconds(.max)]
    for (time, longest) in spans.flatMap({ time in spans.map { (time, $0) } }) {
      for window in spans {
        var breaker = CircuitBreaker()
        let policy = EjectionPolicy(
          failures: 2, window: window, time: time, longest: longest, minimumRequests: 0)
        for now in [Instant.zero, .distantFuture, Instant(nanoseconds: 7), .distantFuture] {
          for _ in 0..<20 {
            breaker.began(now)
            _ = breaker.failed(
              isCertain: true, began: now, policy: policy, mayEject: true, now: now)
          }
        }
        #expect(breaker.ejections > 0)
      }
    }
  }
}
